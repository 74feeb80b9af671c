//! The time zones to choose among.

/// The names of the [time zone database](https://www.iana.org/time-zones) people choose among, in alphabetical order: an
/// area and a place, and `UTC`. Old names of countries (`US/Eastern`, `Cuba`) and fixed differences (`Etc/GMT+5`), which know
/// no summer time, are left out; dates can be written in them all the same.
pub fn time_zones() -> impl Iterator<Item = &'static str> {
    const AREAS: [&str; 10] =
        ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];
    let offered =
        |name: &&'static str| *name == "UTC" || name.split_once('/').is_some_and(|(area, _)| AREAS.contains(&area));
    chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(offered)
}

#[cfg(test)]
mod tests {
    use super::time_zones;

    #[test]
    fn the_zones_are_places_people_know_each_once_and_in_order() {
        let zones: Vec<&str> = time_zones().collect();
        for known in ["UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "Pacific/Auckland"] {
            assert!(zones.contains(&known), "{known}");
        }
        for old in ["Etc/GMT+5", "US/Eastern", "Cuba", "EST5EDT", "GMT"] {
            assert!(!zones.contains(&old), "{old}");
        }
        assert!(zones.is_sorted() && zones.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(zones.len() > 300);
    }
}
