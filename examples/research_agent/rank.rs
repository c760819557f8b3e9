//! Merges several rankings into one.

use crate::lines::{Kind, is_rust};
use crate::passages::Place;

/// More than this from one file says the same again.
const FROM_ONE_FILE: usize = 2;

/// The best places of a kind, by reciprocal rank: a place that several searches rank well comes first. Ranks
/// can be added up where scores cannot, since those of two searches have no common scale.
pub(crate) fn fuse(kind: Kind, rankings: &[&[Place]], limit: usize) -> Vec<Place> {
    let mut scores: Vec<(&Place, f64)> = Vec::new();
    for ranking in rankings {
        let of_kind = ranking.iter().filter(|place| place.kind == kind);
        for (rank, place) in (1_u16..).zip(of_kind) {
            let score = weight(place) / (10.0 + f64::from(rank));
            match scores.iter_mut().find(|(known, _)| *known == place) {
                Some((_, sum)) => *sum += score,
                None => scores.push((place, score)),
            }
        }
    }
    scores.sort_by(|(_, one), (_, other)| other.total_cmp(one));

    let mut best: Vec<Place> = Vec::new();
    for (place, _) in scores {
        let same_file = best.iter().filter(|chosen| chosen.file == place.file).count();
        if best.len() < limit && same_file < FROM_ONE_FILE {
            best.push(place.clone());
        }
    }
    best
}

/// Documents are written to answer questions. Tests and examples repeat the words of what they use, and explain
/// less of it.
fn weight(place: &Place) -> f64 {
    const USERS: [&str; 4] = ["benches", "examples", "tests", "tests.rs"];
    if place.title == "mod tests" || place.file.split('/').any(|part| USERS.contains(&part)) {
        0.4
    } else if is_rust(&place.file) {
        1.0
    } else {
        1.2
    }
}
