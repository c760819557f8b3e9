//! The formats in which services issue keys: a fixed beginning, and how many characters of which kind follow at least.
//!
//! Each row follows the service's documentation of its keys, or their known form. A beginning that ordinary
//! texts have too (`sk-`, `hf_`: HTML classes, variables of packages) takes a long run without `-` and `_`. The least
//! number is below the published one, so that a format that becomes a little shorter is still found.

use super::shape::Alphabet::{Alnum, Base64, Capitals, Hex, Mixed, Word};
use super::shape::Shape::{self, After, Around, Key, Parts};

pub(super) const FORMATS: [(&str, Shape); 256] = [
    // Models and tools for agents.
    ("sk-", Key(Alnum, 20)), // OpenAI, DeepSeek, Moonshot, DashScope, LiteLLM
    ("sk-proj-", Key(Word, 16)),
    ("sk-svcacct-", Key(Word, 16)),
    ("sk-admin-", Key(Word, 24)),
    ("sk-None-", Key(Word, 24)),
    ("sk-ant-", Key(Word, 16)),  // Anthropic
    ("sk-or-v1-", Key(Hex, 16)), // OpenRouter
    ("sk-lf-", Key(Word, 24)),   // Langfuse
    ("sk-helicone-", Key(Word, 16)),
    ("sk_", Key(Alnum, 24)),  // ElevenLabs
    ("gsk_", Key(Alnum, 20)), // Groq
    ("xai-", Key(Alnum, 20)),
    ("pplx-", Key(Alnum, 20)), // Perplexity
    ("r8_", Key(Alnum, 20)),   // Replicate
    ("hf_", Key(Alnum, 20)),   // Hugging Face
    ("api_org_", Key(Alnum, 20)),
    ("nvapi-", Key(Word, 24)),    // NVIDIA
    ("csk-", Key(Alnum, 20)),     // Cerebras
    ("fw_", Key(Alnum, 20)),      // Fireworks
    ("tgp_v1_", Key(Word, 20)),   // Together
    ("esecret_", Key(Alnum, 16)), // Anyscale
    ("jina_", Key(Alnum, 24)),
    ("pa-", Key(Alnum, 32)),  // Voyage
    ("nk-", Key(Alnum, 32)),  // Nomic
    ("llx-", Key(Alnum, 20)), // LlamaCloud
    ("tvly-", Key(Word, 16)), // Tavily
    ("fc-", Key(Hex, 24)),    // Firecrawl
    ("lsv2_", Key(Word, 16)), // LangSmith
    ("ls__", Key(Alnum, 24)),
    ("pcsk_", Key(Word, 16)), // Pinecone
    ("e2b_", Key(Hex, 24)),
    ("bb_live_", Key(Word, 16)), // Browserbase
    ("wandb_v1_", Key(Word, 20)),
    ("pylf_v1_", Key(Word, 16)),  // Logfire
    ("pf_local_", Key(Word, 16)), // Prefactor
    ("pf_live_", Key(Word, 16)),
    ("pf_test_", Key(Word, 16)),
    ("pf_", Key(Alnum, 16)),
    ("pf-", Key(Alnum, 20)),
    ("apify_api_", Key(Alnum, 16)),
    ("bedrock-api-key-", Key(Base64, 24)),
    ("ABSK", Key(Base64, 60)),
    ("signkey-", Key(Word, 24)), // Inngest
    // Clouds.
    ("AKIA", Key(Capitals, 16)), // AWS
    ("ASIA", Key(Capitals, 16)),
    ("ABIA", Key(Capitals, 16)),
    ("ACCA", Key(Capitals, 16)),
    ("A3T", Key(Capitals, 17)),
    ("AIza", Key(Word, 30)), // Google
    ("AQ.Ab", Key(Word, 40)),
    ("ya29.", Key(Base64, 16)),
    ("GOCSPX-", Key(Word, 20)),
    ("8Q~", Around(Word, 3, Base64, 24)), // Microsoft Entra
    ("7Q~", Around(Word, 3, Base64, 24)),
    ("AZDO", Around(Alnum, 40, Alnum, 4)),
    ("LTAI", Key(Alnum, 14)), // Alibaba
    ("AKID", Key(Alnum, 30)), // Tencent
    ("AQVN", Key(Word, 30)),  // Yandex
    ("t1.", Key(Base64, 60)),
    ("dop_v1_", Key(Hex, 16)), // DigitalOcean
    ("doo_v1_", Key(Hex, 16)),
    ("dor_v1_", Key(Hex, 16)),
    ("v1.0-", Key(Word, 100)), // Cloudflare
    ("cfut_", Key(Word, 24)),
    ("cfat_", Key(Word, 24)),
    ("HRKU-", Key(Word, 24)), // Heroku
    ("rnd_", Key(Alnum, 24)), // Render
    ("nfp_", Key(Alnum, 24)), // Netlify
    ("vcp_", Key(Alnum, 20)), // Vercel
    ("vck_", Key(Alnum, 20)),
    ("vca_", Key(Alnum, 20)),
    ("vcr_", Key(Alnum, 20)),
    ("fo1_", Key(Word, 24)), // Fly.io
    ("fm1a_", Key(Base64, 40)),
    ("fm1r_", Key(Base64, 40)),
    ("fm2_", Key(Base64, 40)),
    ("dapi", Key(Hex, 32)),     // Databricks
    ("pscale_", Key(Word, 24)), // PlanetScale
    ("napi_", Key(Alnum, 40)),  // Neon
    ("sbp_", Key(Hex, 32)),     // Supabase
    ("sb_secret_", Key(Word, 16)),
    ("4b1d", Key(Alnum, 38)),   // ClickHouse
    ("pul-", Key(Hex, 32)),     // Pulumi
    ("tskey-", Key(Word, 16)),  // Tailscale
    ("sha256~", Key(Word, 40)), // OpenShift
    ("tk-us-", Key(Word, 32)),  // Scalingo
    ("hvs.", Key(Word, 16)),    // Vault
    ("hvb.", Key(Word, 32)),
    ("hvr.", Key(Word, 32)),
    (".atlasv1.", Around(Alnum, 12, Base64, 40)), // Terraform
    ("ops_eyJ", Key(Base64, 60)),                 // 1Password
    ("A3-", Key(Word, 32)),
    ("AGE-SECRET-KEY-1", Key(Capitals, 24)),
    ("dp.pt.", Key(Alnum, 24)), // Doppler
    ("dp.st.", Key(Base64, 24)),
    ("dp.ct.", Key(Alnum, 24)),
    ("dp.sa.", Key(Alnum, 24)),
    ("dp.scim.", Key(Alnum, 24)),
    ("dp.audit.", Key(Alnum, 24)),
    ("dt0c01.", Key(Base64, 40)), // Dynatrace
    ("dt0s01.", Key(Base64, 40)),
    ("dt0s16.", Key(Base64, 40)),
    // Code, packages and builds.
    ("ghp_", Key(Alnum, 20)), // GitHub
    ("gho_", Key(Alnum, 20)),
    ("ghu_", Key(Alnum, 20)),
    ("ghs_", Key(Word, 20)),
    ("ghr_", Key(Alnum, 20)),
    ("github_pat_", Key(Word, 20)),
    ("glpat-", Key(Word, 16)), // GitLab
    ("gldt-", Key(Word, 16)),
    ("glrt-", Key(Word, 16)),
    ("glcbt-", Key(Word, 16)),
    ("glptt-", Key(Word, 16)),
    ("glft-", Key(Word, 16)),
    ("glffct-", Key(Word, 16)),
    ("glimt-", Key(Word, 16)),
    ("glagent-", Key(Word, 16)),
    ("gloas-", Key(Word, 16)),
    ("glsoat-", Key(Word, 16)),
    ("glwt-", Key(Word, 16)),
    ("GR1348941", Key(Word, 16)),
    ("ATATT3", Key(Base64, 60)), // Atlassian
    ("ATCTT3", Key(Base64, 60)),
    ("ATBB", Key(Alnum, 24)), // Bitbucket
    ("npm_", Key(Alnum, 24)),
    ("pypi-", Key(Word, 32)),
    ("rubygems_", Key(Hex, 32)),
    ("CLOJARS_", Key(Alnum, 40)),
    ("oy2", Key(Alnum, 43)),      // NuGet
    ("cio", Key(Alnum, 32)),      // crates.io
    ("dckr_pat_", Key(Word, 16)), // Docker
    ("dckr_oat_", Key(Word, 16)),
    ("CCIPAT_", Key(Word, 24)), // CircleCI
    ("CCIPRJ_", Key(Word, 24)),
    ("bkua_", Key(Hex, 32)), // Buildkite
    ("sqp_", Key(Hex, 32)),  // SonarQube
    ("squ_", Key(Hex, 32)),
    ("sqa_", Key(Hex, 32)),
    ("sgp_", Key(Word, 32)), // Sourcegraph, Segment
    ("slk_", Key(Hex, 32)),
    ("AKCp", Key(Alnum, 60)), // JFrog
    ("cmVmdGtu", Key(Alnum, 40)),
    ("API-", Key(Capitals, 25)), // Octopus
    ("pat.", Key(Base64, 60)),   // Harness
    ("sat.", Key(Base64, 60)),
    ("pnu_", Key(Alnum, 32)), // Prefect
    ("pnb_", Key(Alnum, 32)),
    ("CFPAT-", Key(Word, 32)),    // Contentful
    ("figd_", Key(Word, 32)),     // Figma
    ("fio-u-", Key(Word, 40)),    // Frame.io
    ("ico-", Key(Alnum, 32)),     // Infracost
    ("lin_api_", Key(Alnum, 24)), // Linear
    ("lin_oauth_", Key(Alnum, 24)),
    ("rdme_", Key(Alnum, 40)),    // ReadMe
    ("PMAK-", Key(Word, 40)),     // Postman
    ("sntrys_", Key(Base64, 40)), // Sentry
    ("sntryu_", Key(Hex, 32)),
    ("sntrya_", Key(Hex, 32)),
    ("NRAK-", Key(Capitals, 20)), // New Relic
    ("NRII-", Key(Word, 24)),
    ("NRJS-", Key(Hex, 16)),
    ("NRSP-", Key(Word, 16)),
    ("glc_", Key(Base64, 30)), // Grafana
    ("glsa_", Key(Word, 30)),
    ("eyJrIjoi", Key(Base64, 60)),
    ("phx_", Key(Word, 32)),     // PostHog
    ("sm_pat_", Key(Alnum, 16)), // SettleMint
    ("sm_aat_", Key(Alnum, 16)),
    ("sm_sat_", Key(Alnum, 16)),
    ("s-s4t2ud-", Key(Hex, 40)), // Intra42
    ("s-s4t2af-", Key(Hex, 40)),
    ("waka_", Key(Word, 32)),            // WakaTime
    ("vtwn_", Key(Alnum, 20)),           // Val Town
    ("zpka_", Key(Word, 24)),            // Zuplo
    ("tss_", Key(Alnum, 24)),            // Thunderstore
    ("aio_", Key(Alnum, 26)),            // Adafruit
    ("_mmk", Around(Word, 36, Word, 0)), // MaxMind
    // Mail and chat.
    ("SG.", Key(Word, 16)),     // SendGrid
    ("xkeysib-", Key(Hex, 40)), // Brevo
    ("xsmtpsib-", Key(Hex, 40)),
    ("mlsn.", Key(Hex, 40)),            // MailerSend
    ("key-", Key(Hex, 32)),             // Mailgun
    ("-us", Around(Hex, 32, Alnum, 1)), // Mailchimp
    ("re_", Parts(8, 20)),              // Resend
    ("xoxa-", Key(Word, 10)),           // Slack
    ("xoxb-", Key(Word, 10)),
    ("xoxc-", Key(Word, 10)),
    ("xoxd-", Key(Base64, 10)),
    ("xoxe-", Key(Base64, 10)),
    ("xoxe.", Key(Base64, 10)),
    ("xoxo-", Key(Word, 10)),
    ("xoxp-", Key(Word, 10)),
    ("xoxr-", Key(Word, 10)),
    ("xoxs-", Key(Word, 10)),
    ("xapp-", Key(Word, 10)),
    ("xwfp-", Key(Word, 10)),
    (":AA", Around(Alnum, 8, Word, 32)), // Telegram
    ("api.telegram.org/bot", After(24)),
    ("hooks.slack.com/", After(24)),
    ("discord.com/api/webhooks/", After(24)),
    ("discordapp.com/api/webhooks/", After(24)),
    (".webhook.office.com/", After(24)),
    ("hooks.zapier.com/hooks/catch/", After(8)),
    ("SK0", Key(Hex, 31)), // Twilio
    ("SK1", Key(Hex, 31)),
    ("SK2", Key(Hex, 31)),
    ("SK3", Key(Hex, 31)),
    ("SK4", Key(Hex, 31)),
    ("SK5", Key(Hex, 31)),
    ("SK6", Key(Hex, 31)),
    ("SK7", Key(Hex, 31)),
    ("SK8", Key(Hex, 31)),
    ("SK9", Key(Hex, 31)),
    ("SKa", Key(Hex, 31)),
    ("SKb", Key(Hex, 31)),
    ("SKc", Key(Hex, 31)),
    ("SKd", Key(Hex, 31)),
    ("SKe", Key(Hex, 31)),
    ("SKf", Key(Hex, 31)),
    ("tfp_", Key(Base64, 40)), // Typeform
    ("ntn_", Key(Alnum, 32)),  // Notion
    ("secret_", Key(Alnum, 40)),
    ("pat", Parts(14, 40)),    // Airtable
    ("pat-na", Key(Word, 32)), // HubSpot
    ("pat-eu", Key(Word, 32)),
    ("EAA", Key(Alnum, 80)),                    // Meta
    ("EAAA", Key(Word, 48)),                    // Square
    ("AAAAAAAAAAAAAAAAAAAAA", Key(Base64, 60)), // X
    ("sl.", Key(Word, 100)),                    // Dropbox
    ("os_v2_app_", Key(Alnum, 32)),             // OneSignal
    // Payments and shops.
    ("sk_live_", Key(Alnum, 12)), // Stripe and others
    ("sk_test_", Key(Alnum, 12)),
    ("sk_prod_", Key(Alnum, 12)),
    ("rk_live_", Key(Alnum, 12)),
    ("rk_test_", Key(Alnum, 12)),
    ("pk_live_", Key(Alnum, 16)),
    ("whsec_", Key(Base64, 16)),
    ("sq0atp-", Key(Word, 20)), // Square
    ("sq0csp-", Key(Word, 24)),
    ("shpat_", Key(Hex, 16)), // Shopify
    ("shpca_", Key(Hex, 16)),
    ("shppa_", Key(Hex, 16)),
    ("shpss_", Key(Hex, 16)),
    ("shippo_live_", Key(Hex, 32)),
    ("shippo_test_", Key(Hex, 32)),
    ("EZAK", Key(Alnum, 48)), // EasyPost
    ("EZTK", Key(Alnum, 48)),
    ("duffel_", Key(Word, 32)),
    ("FLWSECK", Key(Word, 14)),   // Flutterwave
    ("live_", Key(Mixed, 30)),    // GoCardless, Lob
    ("pdl_live_", Key(Word, 24)), // Paddle
    ("polar_oat_", Key(Word, 24)),
    ("access-sandbox-", Key(Word, 32)), // Plaid
    ("access-production-", Key(Word, 32)),
    ("access-development-", Key(Word, 32)),
    ("rzp_live_", Key(Alnum, 12)), // Razorpay
];
