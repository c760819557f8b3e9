//! Data of speech, in both directions.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::data::SpanData;
use super::declare::{setter, span_data};
use crate::types::json::Json;

span_data! {
    /// Speech to text.
    TranscriptionSpanData, "agent:transcription", [] {
        /// The audio, in base64.
        with_input => input: [Option<String>];
        /// The audio's format. Exported as `pcm` where it is not set.
        with_input_format => input_format: [Option<String>];
        /// The text.
        with_output => output: [Option<String>];
        /// The model.
        with_model => model: [Option<String>];
        /// The model's settings: an object.
        with_model_config => model_config: [Json];
    }
    export(data, map) {
        map.serialize_entry("type", "transcription")?;
        map.serialize_entry("input", &Audio(data.input.as_deref(), data.input_format.as_deref()))?;
        map.serialize_entry("output", &data.output)?;
        map.serialize_entry("model", &data.model)?;
        map.serialize_entry("model_config", &data.model_config)?;
    }
}

span_data! {
    /// Text to speech.
    SpeechSpanData, "agent:speech", [] {
        /// The text.
        with_input => input: [Option<String>];
        /// The audio, in base64.
        with_output => output: [Option<String>];
        /// The audio's format. Exported as `pcm` where it is not set.
        with_output_format => output_format: [Option<String>];
        /// The model.
        with_model => model: [Option<String>];
        /// The model's settings: an object.
        with_model_config => model_config: [Json];
        /// When the first byte of audio came, as RFC 3339.
        with_first_content_at => first_content_at: [Option<String>];
    }
    export(data, map) {
        map.serialize_entry("type", "speech")?;
        map.serialize_entry("input", &data.input)?;
        map.serialize_entry("output", &Audio(data.output.as_deref(), data.output_format.as_deref()))?;
        map.serialize_entry("model", &data.model)?;
        map.serialize_entry("model_config", &data.model_config)?;
        map.serialize_entry("first_content_at", &data.first_content_at)?;
    }
}

span_data! {
    /// Pieces of speech that belong together.
    SpeechGroupSpanData, "agent:speech_group", [] {
        /// The text.
        with_input => input: [Option<String>];
    }
    export(data, map) {
        map.serialize_entry("type", "speech_group")?;
        map.serialize_entry("input", &data.input)?;
    }
}

/// Audio as the original exports it.
struct Audio<'a>(Option<&'a str>, Option<&'a str>);

impl Serialize for Audio<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("data", self.0.unwrap_or_default())?;
        map.serialize_entry("format", self.1.unwrap_or("pcm"))?;
        map.end()
    }
}
