//! The modules of a crate, and what their names stand for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syn::{Attribute, Item, ItemMod, UseTree};

use crate::graph::{Edge, Node};
use crate::paths;

/// A module in the list of a crate's modules.
type Id = usize;

/// The meaning of a name in a module.
#[derive(Clone, Debug)]
enum Name {
    Child(Id),
    /// An item that the module defines itself.
    Item,
    /// A path, by which `use` has brought the name here.
    Path(Vec<String>),
}

#[derive(Debug)]
struct Module {
    parent: Option<Id>,
    node: Node,
    names: BTreeMap<String, Name>,
    globs: Vec<Vec<String>>,
    items: Vec<Item>,
}

/// All modules of a crate, the root first.
#[derive(Debug)]
pub(crate) struct Crate {
    source: PathBuf,
    modules: Vec<Module>,
}

impl Crate {
    /// Reads a crate from its root file.
    pub(crate) fn read(root: &Path) -> Self {
        let source = root.parent().expect("the root lies in a folder").to_owned();
        let mut this = Self { source: source.clone(), modules: Vec::new() };
        this.add_file(None, root, &source, false);
        this
    }

    /// Every path from one file to another.
    pub(crate) fn edges(&self) -> Vec<Edge> {
        let mut edges = Vec::new();
        for (id, module) in self.modules.iter().enumerate() {
            for path in paths::of(&module.items) {
                let Some(to) = self.file_of(id, &path.segments) else { continue };
                if to.file != module.node.file {
                    let (from, line, path) = (module.node.clone(), path.line, path.segments.join("::"));
                    edges.push(Edge { from, line, path, to });
                }
            }
        }
        edges.sort();
        edges.dedup();
        edges
    }

    fn add_file(&mut self, parent: Option<Id>, file: &Path, folder: &Path, is_test: bool) -> Id {
        let text =
            std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let items =
            syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())).items;
        let file = file.strip_prefix(&self.source).expect("below the source folder");
        let node = Node { file: file.to_string_lossy().replace('\\', "/"), is_test };
        self.add(parent, node, items, folder)
    }

    /// `folder` holds the files of the module's children.
    fn add(&mut self, parent: Option<Id>, node: Node, items: Vec<Item>, folder: &Path) -> Id {
        let id = self.modules.len();
        let is_test = node.is_test;
        self.modules.push(Module {
            parent,
            node,
            names: BTreeMap::new(),
            globs: Vec::new(),
            items: Vec::new(),
        });
        let (mut names, mut globs, mut rest) = (BTreeMap::new(), Vec::new(), Vec::new());
        for item in items {
            match item {
                Item::Mod(child) => {
                    let name = child.ident.to_string();
                    let child = self.add_child(id, child, folder, is_test);
                    names.insert(name, Name::Child(child));
                }
                Item::Use(item) => {
                    if !is_off(&item.attrs) {
                        bind(&item.tree, &mut Vec::new(), &mut names, &mut globs);
                    }
                    rest.push(Item::Use(item));
                }
                item => {
                    if let Some(name) = name_of(&item) {
                        names.insert(name, Name::Item);
                    }
                    rest.push(item);
                }
            }
        }
        let module = &mut self.modules[id];
        (module.names, module.globs, module.items) = (names, globs, rest);
        id
    }

    fn add_child(&mut self, parent: Id, child: ItemMod, folder: &Path, is_test: bool) -> Id {
        let name = child.ident.to_string();
        let is_test = is_test || is_for_tests(&child.attrs);
        let folder = if has_path(&child.attrs) { folder.to_owned() } else { folder.join(&name) };
        if let Some((_, items)) = child.content {
            let node = Node { is_test, ..self.modules[parent].node.clone() };
            return self.add(Some(parent), node, items, &folder);
        }
        let (flat, own) = (folder.with_extension("rs"), folder.join("mod.rs"));
        self.add_file(Some(parent), if flat.exists() { &flat } else { &own }, &folder, is_test)
    }

    /// The file that defines what a path names. `None` for what is not of this crate.
    fn file_of(&self, from: Id, path: &[String]) -> Option<Node> {
        let module = self.resolve(from, path, 0)?;
        Some(self.modules[module].node.clone())
    }

    /// The module that a path names, or that defines what the path names.
    fn resolve(&self, from: Id, path: &[String], depth: usize) -> Option<Id> {
        if depth > 20 {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let (mut current, mut rest) = match first.as_str() {
            "crate" => (0, rest),
            "self" => (from, rest),
            "super" => (self.modules[from].parent?, rest),
            _ => (from, path),
        };
        while let Some((name, after)) = rest.split_first() {
            if name == "super" {
                current = self.modules[current].parent?;
                rest = after;
                continue;
            }
            match self.look_up(current, name, depth)? {
                (module, true) => current = module,
                (module, false) => return Some(module),
            }
            rest = after;
        }
        Some(current)
    }

    /// The module of that name, or the module that defines the item of that name.
    fn look_up(&self, module: Id, name: &str, depth: usize) -> Option<(Id, bool)> {
        let this = &self.modules[module];
        match this.names.get(name) {
            Some(Name::Child(child)) => Some((*child, true)),
            Some(Name::Item) => Some((module, false)),
            Some(Name::Path(path)) => {
                let target = self.resolve(module, path, depth + 1)?;
                let is_module = self.is_module(module, path, depth);
                Some((target, is_module))
            }
            None => this.globs.iter().find_map(|glob| {
                let target = self.resolve(module, glob, depth + 1).filter(|target| *target != module)?;
                self.look_up(target, name, depth + 1)
            }),
        }
    }

    /// Whether a path names a module, not an item.
    fn is_module(&self, from: Id, path: &[String], depth: usize) -> bool {
        let Some((last, before)) = path.split_last() else { return true };
        if matches!(last.as_str(), "crate" | "self" | "super") {
            return true;
        }
        let within = if before.is_empty() { Some(from) } else { self.resolve(from, before, depth + 1) };
        within
            .and_then(|within| self.look_up(within, last, depth + 1))
            .is_some_and(|(_, is_module)| is_module)
    }
}

/// Takes down what a `use` declaration brings into its module.
fn bind(
    tree: &UseTree,
    before: &mut Vec<String>,
    names: &mut BTreeMap<String, Name>,
    globs: &mut Vec<Vec<String>>,
) {
    let path = |name: &str| {
        let mut path = before.clone();
        if name != "self" {
            path.push(name.to_owned());
        }
        path
    };
    match tree {
        UseTree::Path(tree) => {
            before.push(tree.ident.to_string());
            bind(&tree.tree, before, names, globs);
            before.pop();
        }
        UseTree::Name(tree) => {
            let path = path(&tree.ident.to_string());
            if let Some(name) = path.last().cloned() {
                names.entry(name).or_insert(Name::Path(path));
            }
        }
        UseTree::Rename(tree) => {
            names.insert(tree.rename.to_string(), Name::Path(path(&tree.ident.to_string())));
        }
        UseTree::Glob(_) => globs.push(before.clone()),
        UseTree::Group(group) => {
            for tree in &group.items {
                bind(tree, before, names, globs);
            }
        }
    }
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        _ => return None,
    };
    Some(ident.to_string())
}

fn tokens(attribute: &Attribute) -> String {
    match &attribute.meta {
        syn::Meta::List(list) => list.tokens.to_string(),
        _ => String::new(),
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let tokens = tokens(attribute);
        attribute.path().is_ident("cfg")
            && (tokens == "test" || tokens.contains("test ,") || tokens.contains("(test"))
    })
}

/// Whether a declaration stands for the case without the feature `enabled`: its names are those of the twin's.
fn is_off(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && tokens(attribute).replace(' ', "") == "not(feature=\"enabled\")"
    })
}

/// Whether the module keeps its files in the folder of its parent.
fn has_path(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("path"))
}
