//! Connections that a fault can end in the middle of an answer.

use std::{
    io,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use crate::connections::Prepare;

/// How a connection ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    /// With a reset, before the first byte of the answer.
    Reset,
    /// Closed before the first byte of the answer.
    HangUp,
    /// Closed after so many bytes of the answer's body.
    Cut(usize),
    /// Closed after the answer.
    CloseAfter,
}

/// How one connection will end; set by the middleware, read by [`Connection`] when it writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interception(Arc<OnceLock<Ending>>);

impl Interception {
    pub(super) fn end_by(&self, ending: Ending) {
        let _ = self.0.set(ending);
    }
}

/// Makes connections that can be intercepted; their requests carry the [`Interception`].
#[derive(Debug)]
pub(crate) struct Intercepted;

impl Prepare for Intercepted {
    type Io = Connection;
    type Mark = Interception;

    fn prepare(stream: TcpStream) -> (Connection, Interception) {
        let interception = Interception::default();
        let mark = interception.clone();
        (Connection { stream, interception, left: None, is_answering: false, is_answered: false }, mark)
    }
}

pub(crate) struct Connection {
    stream: TcpStream,
    interception: Interception,
    /// Bytes of a cut answer that may still be written.
    left: Option<usize>,
    /// For a connection that ends after its answer: whether the answer is being written, and whether it is complete.
    is_answering: bool,
    is_answered: bool,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_answered {
            // An end of input makes hyper close the connection after its answer.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let allowed = match self.interception.0.get() {
            None | Some(Ending::CloseAfter) => bytes.len(),
            Some(Ending::Reset) => {
                let _ = self.stream.set_zero_linger();
                0
            }
            Some(Ending::HangUp) => 0,
            // `is_write_vectored` is false, so the first write holds the whole head of the answer.
            Some(Ending::Cut(body)) => {
                self.left.unwrap_or_else(|| head_length(bytes) + body).min(bytes.len())
            }
        };
        if allowed == 0 {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, &bytes[..allowed]))?;
        if let Some(Ending::Cut(body)) = self.interception.0.get() {
            let left = self.left.unwrap_or_else(|| head_length(bytes) + body);
            self.left = Some(left - written);
        }
        self.is_answering = matches!(self.interception.0.get(), Some(Ending::CloseAfter));
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        // hyper writes the answer in one piece, so the first flush is also the last.
        if self.is_answering && !self.is_answered {
            self.is_answered = true;
            // The client may send nothing more that would poll this connection again.
            context.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if matches!(self.interception.0.get(), Some(Ending::Reset)) {
            // An orderly shutdown would send its FIN before the reset.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

fn head_length(bytes: &[u8]) -> usize {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    end.map_or(bytes.len(), |end| end + 4)
}
