//! Small charts as SVG. Colors come from the page's style, so that they follow light and dark.
//!
//! Every chart has a title, which screen readers tell and browsers show; the numbers stand in a table beside it.

pub mod bars;
pub mod curves;
pub mod histogram;
pub mod meter;
pub mod waterfall;
pub mod weight_axis;

/// Maps a range of numbers to a range of coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    from: (f64, f64),
    to: (f64, f64),
}

impl Scale {
    /// A scale from numbers to coordinates; a range without extent maps to the first coordinate.
    pub fn new(from: (f64, f64), to: (f64, f64)) -> Self {
        Self { from, to }
    }

    /// The coordinate of a number; one outside the range is put at its end.
    pub fn at(&self, number: f64) -> f64 {
        let extent = self.from.1 - self.from.0;
        let share = if extent.abs() < f64::EPSILON { 0.0 } else { (number - self.from.0) / extent };
        self.to.0 + share.clamp(0.0, 1.0) * (self.to.1 - self.to.0)
    }
}

/// A coordinate as SVG wants it: two digits are finer than any screen.
pub fn coordinate(number: f64) -> String {
    let text = format!("{number:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Round numbers inside a range, a few of them.
pub fn ticks(from: f64, to: f64) -> Vec<f64> {
    const WANTED: f64 = 6.0;
    let rough = (to - from).max(1e-9) / WANTED;
    let magnitude = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|n| n * magnitude).into_iter().find(|step| *step >= rough);
    let step = step.unwrap_or(magnitude * 10.0);
    let first = (from / step).ceil() as i64;
    let last = (to / step).floor() as i64;
    (first..=last).map(|n| n as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_keeps_within_its_range() {
        let scale = Scale::new((-10.0, 10.0), (100.0, 300.0));
        assert_eq!([-20.0, -10.0, 0.0, 10.0, 99.0].map(|x| scale.at(x)), [100.0, 100.0, 200.0, 300.0, 300.0]);
        assert_eq!(Scale::new((5.0, 5.0), (0.0, 10.0)).at(5.0), 0.0);
        assert_eq!(Scale::new((0.0, 1.0), (10.0, 0.0)).at(0.25), 7.5, "a scale may run downwards");
    }

    #[test]
    fn coordinates_are_short() {
        assert_eq!([1.0, 0.5, -0.001, 12.345].map(coordinate), ["1", "0.5", "0", "12.35"].map(str::to_owned));
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(-20.0, 40.0), [-20.0, -10.0, 0.0, 10.0, 20.0, 30.0, 40.0]);
        assert_eq!(ticks(0.0, 1.0), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
        assert!(ticks(3.0, 3.0).len() <= 2);
    }
}
