//! Data of tools: a call of one, and a list of them.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::data::SpanData;
use super::declare::{setter, span_data};
use crate::types::json::{AsText, Json};

span_data! {
    /// A call of a tool. An output that is no text is exported as JSON text.
    FunctionSpanData, "agent:tool_call", [name: impl Into<String>] {
        /// The tool's name.
        with_name => name: [String];
        /// Its arguments, as text.
        with_input => input: [Option<String>];
        /// Its returned value.
        with_output => output: [Json];
        /// Data about the MCP server that has the tool.
        with_mcp_data => mcp_data: [Json];
    }
    export(data, map) {
        map.serialize_entry("type", "function")?;
        map.serialize_entry("name", &data.name)?;
        map.serialize_entry("input", &data.input)?;
        map.serialize_entry("output", &AsText(&data.output))?;
        map.serialize_entry("mcp_data", &data.mcp_data)?;
    }
}

span_data! {
    /// A list of the tools of an MCP server.
    McpToolsSpanData, "agent:mcp_tools", [] {
        /// The server's name.
        with_server => server: [Option<String>];
        /// The names of its tools.
        with_result => result: [Vec<String>];
    }
    export(data, map) {
        map.serialize_entry("type", "mcp_tools")?;
        map.serialize_entry("server", &data.server)?;
        map.serialize_entry("result", &data.result)?;
    }
}
