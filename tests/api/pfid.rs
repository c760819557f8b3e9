//! The published vectors of the platform's id format.

use prefactor::Pfid;

#[test]
fn all_published_vectors_agree() {
    let vectors = include_str!("pfid_vectors.csv").lines().skip(1);
    let mut count = 0;
    for vector in vectors {
        let fields: Vec<_> = vector.split(',').collect();
        let &[millis, partition, randomness, text] = fields.as_slice() else { panic!("{vector}") };
        let (millis, partition) = (millis.parse().unwrap(), partition.parse().unwrap());
        let number = u128::from_str_radix(randomness, 16).unwrap().to_be_bytes();
        let id = Pfid::from_parts(millis, partition, number[6..].try_into().unwrap()).unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(text.parse::<Pfid>().unwrap(), id);
        assert_eq!((id.unix_millis(), id.partition()), (millis, partition));
        count += 1;
    }
    assert_eq!(count, 1_231);
}

#[test]
fn ids_sort_by_time() {
    let at = |millis| Pfid::from_parts(millis, 7, [9; 10]).unwrap();
    assert!(at(1) < at(2) && at(1).to_string() < at(2).to_string());
}
