//! Two corpora: ordinary data, which must stay as it is, and secrets, of which nothing may be left.

use prefactor::Client;
use serde_json::{Value, json};

use crate::generated::{Secret, account, card, grouped};
use crate::sent::{Given, sent, sent_by};

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with("# "))
}

fn ordinary() -> Vec<Value> {
    let lines = lines(include_str!("corpus/ordinary.jsonl"));
    lines.map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// Returns a text as it stands in JSON, in a list, in `Debug`, and by itself.
fn forms(value: &Value) -> Vec<Value> {
    let text = value.to_string();
    vec![
        value.clone(),
        json!([value]),
        json!({ "arguments": text }),
        json!({ "body": json!({ "said": text }).to_string() }),
    ]
}

#[test]
fn ordinary_values_leave_as_they_are() {
    let values: Vec<_> = ordinary().iter().flat_map(forms).collect();
    let given: Vec<_> = values.iter().cloned().map(Given::Value).collect();
    let touched: Vec<_> = values.iter().zip(sent(&given)).filter(|(value, sent)| *value != sent).collect();
    let shown: Vec<_> = touched.iter().map(|(value, sent)| format!("{value}\nbecame {sent}\n")).collect();
    assert!(touched.is_empty(), "{} of {} were touched:\n{}", touched.len(), values.len(), shown.join("\n"));
}

#[test]
fn ordinary_texts_in_errors_leave_as_they_are() {
    let texts: Vec<_> =
        ordinary().iter().filter_map(|value| Some(value.get("text")?.as_str()?.to_owned())).collect();
    let given: Vec<_> = texts.iter().cloned().map(Given::Error).collect();
    for (text, sent) in texts.iter().zip(sent(&given)) {
        assert_eq!(sent["message"], json!(text));
    }
}

/// Fails with the parts of secrets that were sent.
#[track_caller]
fn assert_none_left(given: Vec<(Secret, Given)>) {
    let (secrets, given): (Vec<_>, Vec<_>) = given.into_iter().unzip();
    let sent = sent(&given);
    let left = secrets.iter().zip(&given).zip(&sent).filter_map(|((secret, given), sent)| {
        let part = secret.left_in(&sent.to_string())?.to_owned();
        Some(format!("{}: {part:?} of {given:?} in {sent}", secret.service))
    });
    let left: Vec<_> = left.collect();
    assert!(left.is_empty(), "{} of {} were left:\n{}", left.len(), given.len(), left.join("\n"));
}

fn formats() -> Vec<Secret> {
    lines(include_str!("corpus/key_formats.txt")).map(Secret::of_format).collect()
}

/// Each place where a secret that is found by its shape may stand.
fn places(secret: &str) -> Vec<Given> {
    let value = |value: Value| Given::Value(value);
    vec![
        value(json!(secret)),
        value(json!([1, [secret]])),
        value(json!({ "any": { "x": secret } })),
        value(json!({ secret: 1 })),
        value(json!({ "api_key": secret })),
        value(json!({ "token": secret })),
        value(json!([["x-thing", secret]])),
        value(json!({ "name": "x-api-key", "value": secret })),
        value(json!(format!("Use {secret} for the call."))),
        value(json!(format!("({secret})"))),
        value(json!(format!("a={secret};b=1"))),
        value(json!(json!({ "note": secret }).to_string())),
        value(json!(json!({ "note": json!({ "x": [secret] }).to_string() }).to_string())),
        value(json!(format!("{:?}", ("any", secret)))),
        value(json!(format!("{:?}", Some([secret])))),
        value(json!(format!("https://api.example.com/v1?x={secret}&y=1"))),
        value(json!(format!("- {secret}\n- b\n"))),
        Given::Error(format!("401 for {secret}")),
        Given::Error(format!("{:?}", [("key", secret)])),
    ]
}

#[test]
fn keys_of_services_are_hidden_wherever_they_stand() {
    let formats = formats();
    assert!(formats.len() >= 200, "{} formats", formats.len());
    let given = formats
        .iter()
        .flat_map(|secret| places(&secret.text).into_iter().map(|given| (secret.clone(), given)));
    assert_none_left(given.collect());
}

#[test]
fn secrets_without_a_shape_are_hidden_by_the_text_around_them() {
    let texts: Vec<_> =
        lines(include_str!("corpus/secret_texts.txt")).map(|text| text.replace("\\n", "\n")).collect();
    assert!(texts.len() >= 120, "{} texts", texts.len());
    let given = texts.iter().zip(0..).flat_map(|(text, number)| {
        let secret = Secret::shapeless(number);
        let text = text.replace("{secret}", &secret.text);
        let before = format!("It said:\n{text}\nand ended.");
        let json = json!({ "output": text }).to_string();
        let forms = [
            Given::Value(json!(text)),
            Given::Value(json!(before)),
            Given::Value(json!(json)),
            Given::Error(text),
        ];
        forms.map(|given| (secret.clone(), given))
    });
    assert_none_left(given.collect());
}

#[test]
fn secrets_are_hidden_by_their_names() {
    let names: Vec<_> = lines(include_str!("corpus/secret_names.txt")).collect();
    let given = names.iter().zip(0..).flat_map(|(name, number)| {
        let secret = Secret::shapeless(1_000 + number);
        let text = &secret.text;
        let forms = [
            json!({ *name: text }),
            json!({ "deep": [{ *name: text }] }),
            json!({ *name: [text, text] }),
            json!([[name, text], ["accept", "*/*"]]),
            json!([[name, text]]),
            json!({ "env": [{ "name": name, "value": text }] }),
            json!([{ "key": name, "value": text, "type": "text" }]),
            json!([{ "key": name, "value": { "stringValue": text } }]),
            json!([{ "value": text, "name": name }]),
            json!(json!({ *name: text }).to_string()),
            json!(json!([[name, text]]).to_string()),
            json!(json!({ "body": json!({ *name: text }).to_string() }).to_string()),
            json!(format!("{:?}", [(name, text)])),
            json!(format!("{:?}", std::collections::BTreeMap::from([(name, text)]))),
            json!(format!("https://example.com/?a=1&{name}={text}&b=2")),
            json!(format!("{name}={text}")),
            json!(format!("{name}: {text}\nother: 1")),
            json!(["tool", format!("--{name}"), text]),
        ];
        forms.map(|value| (secret.clone(), Given::Value(value)))
    });
    assert_none_left(given.collect());
}

#[test]
fn passwords_of_any_looks_are_hidden_under_their_names() {
    let passwords = ["correct horse battery staple", "letmein", "p", "ünïcödé", "a b", "12345678", "hunter2"];
    for name in ["password", "client_secret", "api_key"] {
        let values = passwords.map(|password| Given::Value(json!({ name: password, "user": "ada" })));
        for sent in sent(&values) {
            assert_eq!(sent, json!({ name: "[REDACTED]", "user": "ada" }));
        }
    }
}

#[test]
fn numbers_of_cards_accounts_and_persons_are_hidden() {
    let networks = [
        ("4", 16),
        ("51", 16),
        ("55", 16),
        ("2221", 16),
        ("37", 15),
        ("34", 15),
        ("6011", 16),
        ("65", 16),
        ("3530", 16),
        ("36", 14),
        ("62", 16),
    ];
    let cards = networks.iter().zip(1..).map(|((beginning, len), seed)| card(beginning, *len, seed));
    let grouped_cards =
        (1..9).flat_map(|seed| [" ", "-"].map(|separator| grouped(&card("4", 16, seed), separator)));
    let accounts = [
        ("DE", "370400440532013000"),
        ("GB", "WEST12345698765432"),
        ("FR", "20041010050500013M02606"),
        ("NL", "ABNA0417164300"),
        ("NO", "86011117947"),
        ("ES", "21000418450200051332"),
    ];
    let accounts = accounts.map(|(country, number)| account(country, number));
    let persons = ["123-45-6789", "219-09-9999", "001-01-0001"].map(str::to_owned);
    let numbers = cards
        .chain(grouped_cards)
        .chain(accounts.iter().map(|number| grouped(number, " ")))
        .chain(accounts.clone())
        .chain(persons);
    for number in numbers {
        let given = [
            json!(number),
            json!({ "card_number": number }),
            json!(format!("Pay with {number}, please.")),
            json!({ "body": json!({ "n": number }).to_string() }),
            json!(format!("n={number}&x=1")),
        ];
        for sent in sent(&given.map(Given::Value)) {
            assert!(!sent.to_string().contains(&number), "{number} in {sent}");
        }
    }
}

#[test]
fn numbers_under_names_of_secret_numbers_are_hidden_and_others_keep_their_type() {
    let value = json!({ "pin": 4711, "cvv": 123, "ssn": 123_456_789, "card_number": 4_111_111_111_111_111_u64, "pins": [4711], "password": 4711, "password_length": 12 });
    let expected = json!({ "pin": "[REDACTED]", "cvv": "[REDACTED]", "ssn": "[REDACTED]", "card_number": "[REDACTED]", "pins": [4711], "password": 4711, "password_length": 12 });
    assert_eq!(sent(&[Given::Value(value)]), [expected]);
}

#[test]
fn allowed_names_keep_their_values_and_rules_of_the_program_see_them() {
    let key = Secret::of_format("a | sk-proj-{alnum 40}").text;
    let value = json!({ "sessionToken": "q7w8e9r0t1y2u3", "session-token": key, "api_key": "q7w8e9r0t1y2u3", "text": format!("session_token=q7w8e9r0t1 api_key=q7w8e9r0t1") });
    let expected = json!({ "sessionToken": "Q7W8E9R0T1Y2U3", "session-token": key.to_uppercase(), "api_key": "[REDACTED]", "text": "SESSION_TOKEN=Q7W8E9R0T1 API_KEY=[REDACTED]" });
    let builder = Client::builder().allow("session_token").redact(|_, text| Some(text.to_uppercase()));
    assert_eq!(sent_by(builder, &[Given::Value(value)]), [expected]);
}
