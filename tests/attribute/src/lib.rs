//! Each kind of function with the attribute and without: the same results.
