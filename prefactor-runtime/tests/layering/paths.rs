//! The paths in a module's items.

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, Macro, UseTree, Visibility};

/// A path as it is written, and where.
#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
}

/// Every path in these items: in `use` declarations, in code, and in the arguments of macros.
pub(crate) fn of(items: &[Item]) -> Vec<Path> {
    let mut collector = Collector { paths: Vec::new() };
    for item in items {
        collector.visit_item(item);
    }
    collector.paths
}

struct Collector {
    paths: Vec<Path>,
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.use_tree(&item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if path.leading_colon.is_none() && segments.len() > 1 {
            self.paths.push(Path { segments, line: path.span().start().line });
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invocation: &'ast Macro) {
        self.tokens(invocation.tokens.clone());
        visit::visit_macro(self, invocation);
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {}
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

impl Collector {
    fn use_tree(&mut self, tree: &UseTree, before: &mut Vec<String>) {
        let mut push = |last: Option<&syn::Ident>| {
            let mut segments = before.clone();
            segments.extend(last.map(ToString::to_string).filter(|name| name != "self"));
            self.paths.push(Path { segments, line: tree.span().start().line });
        };
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.use_tree(&path.tree, before);
                before.pop();
            }
            UseTree::Name(name) => push(Some(&name.ident)),
            UseTree::Rename(rename) => push(Some(&rename.ident)),
            UseTree::Glob(_) => push(None),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(tree, before);
                }
            }
        }
    }

    /// Paths among the tokens of a macro, whose grammar is its own: names with `::` between them.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut position = 0;
        while position < tokens.len() {
            match &tokens[position] {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(first) => {
                    let mut segments = vec![first.to_string()];
                    while let Some(TokenTree::Ident(next)) = tokens.get(position + 3).filter(|_| {
                        let is_colon = |offset: usize| {
                            matches!(&tokens[position + offset], TokenTree::Punct(punct) if punct.as_char() == ':')
                        };
                        is_colon(1) && is_colon(2)
                    }) {
                        segments.push(next.to_string());
                        position += 3;
                    }
                    if segments.len() > 1 {
                        self.paths.push(Path { segments, line: first.span().start().line });
                    }
                }
                _ => {}
            }
            position += 1;
        }
    }
}
