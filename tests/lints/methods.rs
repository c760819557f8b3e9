#[derive(Default)]
pub struct Agent {
    calls: u8,
}

impl Agent {
    #[span]
    pub fn new() -> u8 {
        1
    }

    #[span]
    pub fn ignores_itself(&self) -> u8 {
        1
    }

    #[span]
    pub async fn ignores_itself_later(&self) -> u8 {
        1
    }

    #[span]
    pub fn calls(&self) -> u8 {
        self.calls
    }

    #[span]
    pub fn count_mut(&mut self) -> &u8 {
        &self.calls
    }

    #[span]
    pub fn to_calls(self) -> u8 {
        self.calls
    }

    #[span]
    pub fn into_calls(&self) -> u8 {
        self.calls
    }

    #[span]
    pub fn is_called(self) -> bool {
        self.calls > 0
    }

    #[span]
    pub fn from_calls(self: &Self, calls: u8) -> Agent {
        Agent { calls: calls }
    }

    #[span]
    pub fn with_calls(mut self, calls: u8) -> Self {
        self.calls = calls;
        self
    }

    #[span]
    pub fn add(self, other: Self) -> Self {
        other
    }

    #[span]
    pub fn to_string(&self) -> String {
        String::new()
    }

    #[span]
    pub fn from_str(text: &str) -> Self {
        Self { calls: text.len() as u8 }
    }

    #[span]
    pub fn len(&self) -> usize {
        1
    }

    #[span]
    pub fn recurs_on_itself(&self, number: u8) -> u8 {
        if number == 0 { 0 } else { self.recurs_on_itself(number - 1) }
    }
}

pub trait Tool {
    #[span]
    async fn runs(&self) -> u8 {
        1
    }

    #[span]
    fn names(&self) -> &'static str {
        "tool"
    }
}

impl Tool for Agent {
    #[span]
    async fn runs(&self) -> u8 {
        self.calls
    }

    #[span]
    fn names(&self) -> &'static str {
        "agent"
    }
}

impl Drop for Agent {
    #[span]
    fn drop(&mut self) {}
}
