//! Functions with safety conditions, in a crate of their own because the workspace forbids them.
#![deny(warnings, unused)]
#![expect(clippy::must_use_candidate, reason = "the cases stay short")]

macro_rules! twins {
    ($($items:tt)*) => {
        /// Without the attribute.
        pub mod plain {
            use prefactor_plain::span;
            $($items)*
        }
        /// With it.
        pub mod spanned {
            use prefactor::span;
            $($items)*
        }
    };
}

twins! {
    /// A byte.
    ///
    /// # Safety
    ///
    /// `at` must be within the slice.
    #[span("unsafe_fns:sync")]
    pub unsafe fn get(bytes: &[u8], at: usize) -> &u8 {
        // SAFETY: the caller promises that `at` is within the slice.
        unsafe { bytes.get_unchecked(at) }
    }

    /// Reads through the pointer.
    ///
    /// # Safety
    ///
    /// The pointer must be readable.
    #[span("unsafe_fns:async")]
    pub async unsafe fn read(pointer: *const u8) -> u8 {
        std::future::ready(()).await;
        // SAFETY: the caller promises that the pointer can be read.
        unsafe { pointer.read() }
    }

    /// Writes through the pointer, unless it is null.
    ///
    /// # Safety
    ///
    /// The pointer must be null or writable.
    #[span("unsafe_fns:extern")]
    pub unsafe extern "C" fn write(pointer: *mut u8, value: u8) -> bool {
        if pointer.is_null() {
            return false;
        }
        // SAFETY: the caller promises that a pointer other than null can be written.
        unsafe { pointer.write(value) };
        true
    }

    /// The sum.
    #[span("unsafe_fns:extern_system", skip(count))]
    pub extern "system" fn add(mut count: u32, by: u32) -> u32 {
        count += by;
        count
    }

    /// Increments the first byte, and returns it.
    ///
    /// # Safety
    ///
    /// The slice must hold a byte.
    #[span("unsafe_fns:calls")]
    pub unsafe fn calls_another(bytes: &mut [u8]) -> u8 {
        // SAFETY: the caller promises that there is a first byte.
        let first = unsafe { *get(bytes, 0) };
        // SAFETY: the pointer is that of the first byte.
        unsafe { write(&raw mut bytes[0], first + 1) };
        bytes[0]
    }

    /// The line of the call.
    ///
    /// # Safety
    ///
    /// None is needed.
    #[span("unsafe_fns:tracked")]
    #[track_caller]
    pub unsafe fn tracked(_pointer: *const u8) -> u32 {
        std::panic::Location::caller().line()
    }

    /// A type with bytes.
    pub trait Memory {
        /// The first one.
        ///
        /// # Safety
        ///
        /// There must be a first byte.
        unsafe fn first(&self) -> u8;

        /// Twice the first one.
        ///
        /// # Safety
        ///
        /// There must be a first byte.
        #[span("unsafe_fns:default")]
        unsafe fn twice(&self) -> u8 {
            // SAFETY: the caller promises that there is a first one.
            unsafe { self.first() * 2 }
        }
    }

    impl Memory for [u8] {
        #[span("unsafe_fns:implemented")]
        unsafe fn first(&self) -> u8 {
            // SAFETY: the caller promises that there is a first one.
            unsafe { *self.get_unchecked(0) }
        }
    }

    /// Calls all of them.
    pub async fn all() -> String {
        let mut bytes = [1, 2, 3];
        let pointer: extern "system" fn(u32, u32) -> u32 = add;
        let other: unsafe extern "C" fn(*mut u8, u8) -> bool = write;
        // SAFETY: all places are within the array, and `write` accepts null.
        let all = unsafe {
            (
                *get(&bytes, 1),
                read(&raw const bytes[2]).await,
                (write(&raw mut bytes[0], 7), other(std::ptr::null_mut(), 7)),
                calls_another(&mut bytes),
                (bytes[..].twice(), tracked(bytes.as_ptr())),
            )
        };
        format!("{all:?} {}", pointer(1, 2))
    }
}
