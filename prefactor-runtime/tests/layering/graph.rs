//! The graph of files: an edge for each path that leads from one file to another.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// A file, or the tests inside of one. Nobody imports from tests, so they are a node of their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Node {
    /// Below the source folder.
    pub(crate) file: String,
    pub(crate) is_test: bool,
}

impl Node {
    /// The first folder of its path. `None` for a file in the root of the crate.
    pub(crate) fn folder(&self) -> Option<&str> {
        self.file.split_once('/').map(|(folder, _)| folder)
    }
}

/// A path in one file that names something in another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    pub(crate) from: Node,
    pub(crate) line: usize,
    pub(crate) path: String,
    pub(crate) to: Node,
}

impl fmt::Display for Edge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: `{}` (in {})", self.from.file, self.line, self.path, self.to.file)
    }
}

/// The edges from whose end a way leads back to their beginning: both ends are in one strongly connected component.
pub(crate) fn circular(edges: &[Edge]) -> Vec<&Edge> {
    let components = components(edges);
    edges.iter().filter(|edge| components[&edge.from] == components[&edge.to]).collect()
}

/// The strongly connected component of each node, by Kosaraju's algorithm: components are found in the reversed graph, from the
/// nodes on that a walk through the graph has left last.
fn components(edges: &[Edge]) -> BTreeMap<&Node, usize> {
    let (mut next, mut previous) = (Neighbours::new(), Neighbours::new());
    for Edge { from, to, .. } in edges {
        next.entry(from).or_default().insert(to);
        previous.entry(to).or_default().insert(from);
        next.entry(to).or_default();
    }
    let (mut seen, mut left) = (BTreeSet::new(), Vec::new());
    for node in next.keys() {
        walk(node, &next, &mut seen, &mut left);
    }
    let (mut seen, mut components) = (BTreeSet::new(), BTreeMap::new());
    for (number, node) in left.iter().rev().enumerate() {
        let mut component = Vec::new();
        walk(node, &previous, &mut seen, &mut component);
        components.extend(component.into_iter().map(|node| (node, number)));
    }
    components
}

type Neighbours<'a> = BTreeMap<&'a Node, BTreeSet<&'a Node>>;

/// Goes to each node that can be reached and was not seen, and takes it down when the walk leaves it.
fn walk<'a>(
    node: &'a Node,
    neighbours: &Neighbours<'a>,
    seen: &mut BTreeSet<&'a Node>,
    left: &mut Vec<&'a Node>,
) {
    if seen.insert(node) {
        for neighbour in neighbours.get(node).into_iter().flatten() {
            walk(neighbour, neighbours, seen, left);
        }
        left.push(node);
    }
}

/// The shortest circle of which an edge is a part, as text.
pub(crate) fn circle(edges: &[Edge], edge: &Edge) -> String {
    let way = way(edges, &edge.to, &edge.from).unwrap_or_default();
    let files: Vec<_> = std::iter::once(&edge.from).chain(&way).map(|node| node.file.as_str()).collect();
    files.join(" → ")
}

/// The shortest way from one node to another, both included.
fn way(edges: &[Edge], from: &Node, to: &Node) -> Option<Vec<Node>> {
    let mut next: BTreeMap<&Node, BTreeSet<&Node>> = BTreeMap::new();
    for edge in edges {
        next.entry(&edge.from).or_default().insert(&edge.to);
    }
    let mut before: BTreeMap<&Node, Option<&Node>> = BTreeMap::from([(from, None)]);
    let mut queue = VecDeque::from([from]);
    while let Some(node) = queue.pop_front() {
        if node == to {
            let way = std::iter::successors(Some(node), |node| before.get(node).copied().flatten());
            let mut way: Vec<_> = way.cloned().collect();
            way.reverse();
            return Some(way);
        }
        for reached in next.get(node).into_iter().flatten().copied() {
            if !before.contains_key(reached) {
                before.insert(reached, Some(node));
                queue.push_back(reached);
            }
        }
    }
    None
}
