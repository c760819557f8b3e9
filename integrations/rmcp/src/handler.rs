//! The calls that a handler answers, for servers that take handlers only, such as rmcp's over HTTP.
#![expect(deprecated, reason = "what the protocol has given up is passed on too")]

use std::borrow::Cow;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CancelTaskParams, CancelledNotificationParam,
    CompleteRequestParams, CompleteResult, CustomNotification, CustomRequest, CustomResult, DiscoverResult,
    GetPromptRequestParams, GetPromptResponse, GetSkillRequestParams, GetSkillResult, GetTaskParams,
    GetTaskResult, InitializeRequestParams, InitializeResult, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListSkillsResult, ListToolsResult, PaginatedRequestParams,
    ProgressNotificationParam, ProtocolVersion, ReadResourceDirectoryRequestParams,
    ReadResourceDirectoryResult, ReadResourceRequestParams, ReadResourceResponse, SetLevelRequestParams,
    SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams, UpdateTaskParams,
};
use rmcp::service::{NotificationContext, RequestContext, RoleServer, SubscriptionContext};
use rmcp::{ErrorData, ServerHandler};

use crate::server::wrapper;
use crate::spans::{Spans, answered};

wrapper! {
    /// A handler with a span for each call that it answers, for rmcp's `StreamableHttpService`, which takes no other servers than
    /// handlers. Elsewhere [`SpanServer`](crate::SpanServer) does the same for any server.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Client;
    /// use prefactor_rmcp::SpanHandler;
    /// use rmcp::ServerHandler;
    ///
    /// struct Handler;
    ///
    /// impl ServerHandler for Handler {}
    ///
    /// fn handler(client: &Client) -> SpanHandler<Handler> {
    ///     SpanHandler::new(Handler).run_per_call(client, |call| call["name"].as_str().unwrap_or("call").to_owned().into())
    /// }
    /// ```
    SpanHandler
}

type Context = RequestContext<RoleServer>;
type Noted = NotificationContext<RoleServer>;

/// Calls in a span of theirs.
macro_rules! recorded {
    ($($name:ident($params:ty) -> $answer:ty;)*) => {$(
        async fn $name(&self, request: $params, context: Context) -> Result<$answer, ErrorData> {
            let Some(recorded) = self.spans.begin(&request, &context.meta) else {
                return self.inner.$name(request, context).await;
            };
            let token = context.ct.clone();
            let cancelled = async move { token.cancelled().await };
            answered(recorded, cancelled, || self.inner.$name(request, context)).await
        }
    )*};
}

/// All else, as it is.
macro_rules! forwarded {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)*) => {$(
        async fn $name(&self, $($argument: $kind),*) -> $answer {
            self.inner.$name($($argument),*).await
        }
    )*};
}

impl<H: ServerHandler> ServerHandler for SpanHandler<H> {
    recorded! {
        call_tool(CallToolRequestParams) -> CallToolResponse;
        read_resource(ReadResourceRequestParams) -> ReadResourceResponse;
        get_prompt(GetPromptRequestParams) -> GetPromptResponse;
        complete(CompleteRequestParams) -> CompleteResult;
    }

    forwarded! {
        ping(context: Context) -> Result<(), ErrorData>;
        initialize(request: InitializeRequestParams, context: Context) -> Result<InitializeResult, ErrorData>;
        discover(context: Context) -> Result<DiscoverResult, ErrorData>;
        set_level(request: SetLevelRequestParams, context: Context) -> Result<(), ErrorData>;
        list_prompts(request: Option<PaginatedRequestParams>, context: Context) -> Result<ListPromptsResult, ErrorData>;
        list_resources(request: Option<PaginatedRequestParams>, context: Context) -> Result<ListResourcesResult, ErrorData>;
        list_resource_templates(request: Option<PaginatedRequestParams>, context: Context) -> Result<ListResourceTemplatesResult, ErrorData>;
        list_tools(request: Option<PaginatedRequestParams>, context: Context) -> Result<ListToolsResult, ErrorData>;
        listen(context: SubscriptionContext) -> Result<(), ErrorData>;
        subscribe(request: SubscribeRequestParams, context: Context) -> Result<(), ErrorData>;
        unsubscribe(request: UnsubscribeRequestParams, context: Context) -> Result<(), ErrorData>;
        on_custom_request(request: CustomRequest, context: Context) -> Result<CustomResult, ErrorData>;
        on_cancelled(notification: CancelledNotificationParam, context: Noted) -> ();
        on_progress(notification: ProgressNotificationParam, context: Noted) -> ();
        on_initialized(context: Noted) -> ();
        on_roots_list_changed(context: Noted) -> ();
        on_custom_notification(notification: CustomNotification, context: Noted) -> ();
        get_task(request: GetTaskParams, context: Context) -> Result<GetTaskResult, ErrorData>;
        update_task(request: UpdateTaskParams, context: Context) -> Result<(), ErrorData>;
        cancel_task(request: CancelTaskParams, context: Context) -> Result<(), ErrorData>;
        list_skills(request: Option<PaginatedRequestParams>, context: Context) -> Result<ListSkillsResult, ErrorData>;
        get_skill(request: GetSkillRequestParams, context: Context) -> Result<GetSkillResult, ErrorData>;
        read_resource_directory(request: ReadResourceDirectoryRequestParams, context: Context) -> Result<ReadResourceDirectoryResult, ErrorData>;
    }

    fn negotiate_initialize(&self, request: &InitializeRequestParams) -> Result<InitializeResult, ErrorData> {
        self.inner.negotiate_initialize(request)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.inner.supported_protocol_versions()
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        self.inner.accepted_subscription_filter(requested)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.inner.get_tool(name)
    }

    fn get_info(&self) -> InitializeResult {
        self.inner.get_info()
    }
}
