use proptest::prelude::*;

use super::*;

#[track_caller]
fn all_are(expected: Secrecy, names: &[&str]) {
    let others: Vec<_> =
        names.iter().map(|name| (name, secrecy(name))).filter(|(_, is)| *is != expected).collect();
    assert!(others.is_empty(), "not {expected:?}: {others:?}");
}

#[test]
fn names_of_secrets_are_found_in_any_spelling() {
    all_are(
        Secrecy::Secret,
        &[
            "password",
            "Password",
            "db_password",
            "userPassword",
            "PASSWD",
            "PGPASSWORD",
            "passwords",
            "newPassword",
            "password_confirmation",
            "passwordHash",
            "DB_PASSWORD_PROD",
            "smtp_pass",
            "DB_PASS",
            "mysql_pwd",
            "sudo-password",
            "passphrase",
            "ssh_key_passphrase",
            "secret",
            "client_secret",
            "clientSecret",
            "clientsecret",
            "appsecret",
            "secrets",
            "SECRET_KEY_BASE",
            "webhookSecret",
            "apikey",
            "api_key",
            "apiKey",
            "API_KEY",
            "x-api-key",
            "X-RapidAPI-Key",
            "x-functions-key",
            "Ocp-Apim-Subscription-Key",
            "subscription_key",
            "api_keys",
            "OPENAI_API_KEY",
            "openai_key",
            "API_KEY_OPENAI",
            "aws.access_key_id",
            "AWS_ACCESS_KEY_ID",
            "aws_secret_access_key",
            "secretaccesskey",
            "SecretAccessKey",
            "AccountKey",
            "SharedAccessKey",
            "privateKey",
            "private_key",
            "PRIVATE_KEY_PEM",
            "master_key",
            "MASTERKEY",
            "service_role_key",
            "signing_key",
            "encryptionKey",
            "deploy_key",
            "license_key",
            "hmac_key",
            "access_token",
            "accesstoken",
            "access-token",
            "refreshToken",
            "id_token",
            "api_token",
            "bot_token",
            "csrf_token",
            "session_token",
            "X-Auth-Token",
            "x-vault-token",
            "AWS_SESSION_TOKEN",
            "X-Amz-Security-Token",
            "recovery_codes",
            "seed_phrase",
            "mnemonic",
            "psk",
        ],
    );
}

#[test]
fn names_that_ordinary_data_has_too_leave_it_to_the_text() {
    all_are(
        Secrecy::Doubtful,
        &[
            "token",
            "Token",
            "device_token",
            "reset_token",
            "HTTPToken",
            "auth",
            "auth_header",
            "Authorization",
            "Proxy-Authorization",
            "bearer",
            "jwt",
            "access_tokens",
        ],
    );
    all_are(
        Secrecy::DoubtfulAll,
        &["Cookie", "set-cookie", "cookies", "credential", "credentials", "aws_creds"],
    );
    all_are(Secrecy::DoubtfulId, &["session", "Session", "user_session"]);
    all_are(Secrecy::NotAPath, &["pwd"]);
}

#[test]
fn names_of_secret_numbers_are_found() {
    all_are(
        Secrecy::Digits,
        &[
            "pin",
            "PIN",
            "otp",
            "totp",
            "cvv",
            "cvc",
            "cvv2",
            "ssn",
            "iban",
            "card_number",
            "cardNumber",
            "creditcard",
            "credit_card",
            "social_security_number",
            "verification_code",
            "one_time_code",
            "passcode",
        ],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a list of names")]
fn names_of_usage_and_of_ordinary_things_are_left() {
    all_are(
        Secrecy::Open,
        &[
            "tokens",
            "prompt_tokens",
            "completion_tokens",
            "total_tokens",
            "max_tokens",
            "maxTokens",
            "token_count",
            "tokenCount",
            "token_usage",
            "token_limit",
            "tokenizer",
            "token_type",
            "token_ids",
            "token_logprobs",
            "tokenUsage",
            "tokens_per_second",
            "first_token_ms",
            "time_to_first_token",
            "time_per_output_token",
            "gen_ai.server.time_per_output_token",
            "input_cost_per_token",
            "cache_read_input_token_cost",
            "stop_token",
            "eos_token",
            "bos_token",
            "pad_token_id",
            "add_bos_token",
            "next_page_token",
            "nextPageToken",
            "NextToken",
            "pageToken",
            "continuation_token",
            "progressToken",
            "syncToken",
            "cancellationToken",
            "on_token_end",
            "special_tokens",
            "image_token",
            "session_id",
            "sessionId",
            "session_count",
            "session_title",
            "sessions",
            "sessions_total",
            "session_name",
            "session_type",
            "password_length",
            "passwordLength",
            "password_min_length",
            "password_policy",
            "has_password",
            "is_password_set",
            "requires_password",
            "password_reset_url",
            "password_field",
            "passwordless",
            "auth_type",
            "authType",
            "auth_method",
            "auth_required",
            "authorization_required",
            "authorization_endpoint",
            "author",
            "authors",
            "authored_by",
            "authority",
            "has_api_key",
            "api_key_source",
            "apiKeySource",
            "api_key_id",
            "apiKeyName",
            "api_key_env",
            "key",
            "keys",
            "keyboard",
            "keywords",
            "public_key",
            "publicKeyId",
            "primary_key",
            "foreign_key",
            "sort_key",
            "cache_key",
            "idempotency_key",
            "x-idempotency-key",
            "prompt_cache_key",
            "project_key",
            "secret_name",
            "secretArn",
            "secret_santa",
            "secretary",
            "is_secret",
            "pinned",
            "spin",
            "opinion",
            "pin_count",
            "gpio_pin",
            "cookiecutter",
            "cookie_count",
            "cookie_policy",
            "credentials_type",
            "PWD",
            "OLDPWD",
            "status_code",
            "code",
            "country_code",
            "phone_number",
            "number",
            "numbers",
            "card",
            "cards",
            "discard",
            "model",
            "prompt",
            "passed",
            "passenger",
            "bypass",
            "pass_rate",
            "signature",
            "",
            "_",
            "0",
        ],
    );
}

proptest! {
    #[test]
    fn names_have_the_same_words_in_place(name in "([a-zA-Z]{1,4}|[0-9 _.-]|KEY|Api|token){0,12}") {
        let mut spaced = [b' '; 2 * MAX_ASCII];
        let length = space(name.as_bytes(), &mut spaced);
        let in_place: Vec<_> = std::str::from_utf8(&spaced[..length]).unwrap().split_whitespace().collect();
        prop_assert_eq!(in_place, words(&name));
    }

    #[test]
    fn any_name_of_any_length_has_some_secrecy(name in ".{0,400}") {
        let _ = secrecy(&name);
    }
}

#[test]
fn letters_beyond_ascii_that_are_ascii_in_lower_case_are_seen() {
    assert_eq!(secrecy("api_\u{212a}ey"), Secrecy::Secret, "a sign for kelvin is a k in lower case");
    assert!(!may_be_secret("temperature"));
}
