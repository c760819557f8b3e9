//! The files of a folder that the agent reads.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Folders with generated files. Hidden folders are left out too.
const MADE_BY_TOOLS: [&str; 2] = ["target", "node_modules"];

/// Larger files are data or generated, and a run should take a moment.
const MAX_BYTES: u64 = 1 << 20;
const MAX_FILES: usize = 5_000;

/// A file with its text.
#[derive(Debug)]
pub(crate) struct File {
    /// Relative to the folder, with `/` between the parts.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Reads the files under a folder, in the order of their names.
///
/// A file that cannot be read as text is left out; only the folder itself must be readable.
pub(crate) fn under(root: &Path) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    fs::read_dir(root)?;
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_dir() && is_wanted(&path) {
                folders.push(path);
            } else if metadata.is_file()
                && metadata.len() <= MAX_BYTES
                && files.len() < MAX_FILES
                && is_text(&path)
                && let Ok(text) = fs::read_to_string(&path)
            {
                files.push(File { name: name(root, &path), text });
            }
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn is_wanted(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with('.') && !MADE_BY_TOOLS.contains(&&*name)
}

/// Whether it is Markdown, plain text or Rust.
fn is_text(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    ["md", "markdown", "rs", "txt"].contains(&&*extension)
}

fn name(root: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap_or(path).components();
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
