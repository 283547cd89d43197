//! Draws bar charts as SVG, by plotters.
//! It deliberately knows no colour and no language: parts carry classes that a style sheet colours, texts come as they are said.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{BarChart, ChartBar, Growing};

/// Colours that stand for a class until the drawing is done: plotters knows colours only.
const BAR: RGBColor = RGBColor(1, 1, 1);
const GRID: RGBColor = RGBColor(2, 2, 2);
const AXIS: RGBColor = RGBColor(3, 3, 3);
const VALUE: RGBColor = RGBColor(4, 4, 4);
const CLASSES: [(RGBColor, &str); 4] = [(BAR, "chart-bar"), (GRID, "chart-grid"), (AXIS, "chart-axis"), (VALUE, "chart-value")];

const FONT_PX: f64 = 12.0;
/// plotters' size is the line's, and the backend writes this share of it as the letters'.
const LINE_PER_LETTER: f64 = 1.24;
/// Room above a bar, or below an axis, for a line of text.
const LINE_PX: i32 = 18;
const ROW_PX: i32 = 40;
const MOST_GRIDLINES: u64 = 4;

/// The chart as an `<svg>` element; its height follows from the bars. Empty without bars.
pub fn draw(chart: &BarChart) -> String {
    let BarChart { bars, growing, width } = chart;
    let width = *width;
    if bars.is_empty() {
        return String::new();
    }
    let height = match growing {
        Growing::Upwards => width * 2 / 5,
        Growing::Rightwards => bars.len() as u32 * ROW_PX.unsigned_abs() + 2,
    };
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        let size = (width as i32, height as i32);
        let drawn = match growing {
            Growing::Upwards => upwards(&area, bars, size),
            Growing::Rightwards => rightwards(&area, bars, size),
        };
        // Drawing into a text has nothing to fail at.
        drawn.and_then(|()| area.present()).expect("an SVG in memory can be written");
    }
    classed(svg)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Drawn<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

fn upwards<'a>(area: &Area<'a>, bars: &[ChartBar], (width, height): (i32, i32)) -> Drawn<'a> {
    let (top, bottom) = (LINE_PX, height - LINE_PX);
    let scale = Scale::of(bars, bottom - top);
    for line in scale.gridlines() {
        hairline(area, (0, bottom - line), (width, bottom - line))?;
    }
    let slot = f64::from(width) / bars.len() as f64;
    for (at, bar) in bars.iter().enumerate() {
        let middle = ((at as f64 + 0.5) * slot) as i32;
        let half = (slot * 0.36) as i32;
        let end = bottom - scale.length(bar.value);
        rectangle(area, (middle - half, end), (middle + half, bottom))?;
        text(area, &bar.said, VALUE, (middle, end - 4), Pos::new(HPos::Center, VPos::Bottom))?;
        text(area, &bar.label, AXIS, (middle, bottom + 4), Pos::new(HPos::Center, VPos::Top))?;
    }
    hairline(area, (0, bottom), (width, bottom))
}

/// Each name stands above its bar: Vietnamese names of sectors are longer than any margin.
fn rightwards<'a>(area: &Area<'a>, bars: &[ChartBar], (width, height): (i32, i32)) -> Drawn<'a> {
    let longest_number = bars.iter().map(|bar| bar.said.chars().count()).max().unwrap_or(0) as i32;
    let room = longest_number * 8 + 8;
    let scale = Scale::of(bars, width - room);
    for line in scale.gridlines() {
        hairline(area, (line, 0), (line, height))?;
    }
    for (at, bar) in bars.iter().enumerate() {
        let top = at as i32 * ROW_PX;
        let (begin, end) = (top + LINE_PX, top + ROW_PX - 6);
        text(area, &bar.label, AXIS, (2, begin - 2), Pos::new(HPos::Left, VPos::Bottom))?;
        rectangle(area, (0, begin), (scale.length(bar.value), end))?;
        text(area, &bar.said, VALUE, (scale.length(bar.value) + 6, (begin + end) / 2), Pos::new(HPos::Left, VPos::Center))?;
    }
    hairline(area, (0, 0), (0, height))
}

fn rectangle<'a>(area: &Area<'a>, from: (i32, i32), to: (i32, i32)) -> Drawn<'a> {
    area.draw(&Rectangle::new([from, to], BAR.filled()))
}

fn hairline<'a>(area: &Area<'a>, from: (i32, i32), to: (i32, i32)) -> Drawn<'a> {
    area.draw(&PathElement::new([from, to], GRID.stroke_width(1)))
}

fn text<'a>(area: &Area<'a>, words: &str, class: RGBColor, at: (i32, i32), position: Pos) -> Drawn<'a> {
    let style = TextStyle::from(("inherit", FONT_PX * LINE_PER_LETTER).into_font()).color(&class).pos(position);
    area.draw(&Text::new(words.to_owned(), at, style))
}

/// How long a value is drawn, from zero.
struct Scale {
    most: u64,
    pixels: i32,
}

impl Scale {
    fn of(bars: &[ChartBar], pixels: i32) -> Self {
        Self { most: bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1), pixels }
    }

    fn length(&self, value: u64) -> i32 {
        (value as f64 / self.most as f64 * f64::from(self.pixels)).round() as i32
    }

    /// Where the hairlines lie: at whole steps of 1, 2 or 5 times a power of ten, never more than four.
    fn gridlines(&self) -> impl Iterator<Item = i32> {
        let step = step(self.most);
        (1..=self.most / step).map(move |line| self.length(line * step))
    }
}

fn step(most: u64) -> u64 {
    let steps = (0..19).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
    steps.into_iter().find(|step| most / step <= MOST_GRIDLINES).unwrap_or(most)
}

/// Puts classes where the stand-in colours are, and lets the page say how wide the drawing is.
fn classed(svg: String) -> String {
    CLASSES.iter().fold(svg, |svg, (color, class)| {
        let code = format!("#{:02X}{:02X}{:02X}", color.0, color.1, color.2);
        let class = format!("class=\"{class}\"");
        svg.replace(&format!("fill=\"{code}\""), &class).replace(&format!("stroke=\"{code}\""), &class)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(bars: &[ChartBar], growing: Growing, width: u32) -> String {
        draw(&BarChart { bars: bars.to_vec(), growing, width })
    }

    fn bar(label: &str, value: u64) -> ChartBar {
        ChartBar { label: label.into(), value, said: value.to_string() }
    }

    /// Attribute of every element of a class, in order.
    fn of_class(svg: &str, class: &str, attribute: &str) -> Vec<i32> {
        let elements = svg.split('<').filter(|element| element.contains(&format!("class=\"{class}\"")));
        let value = |element: &str| element.split(&format!(" {attribute}=\"")).nth(1)?.split('"').next()?.parse().ok();
        elements.filter_map(value).collect()
    }

    #[test]
    fn bars_begin_at_zero_and_are_as_long_as_they_count() {
        let svg = bars(&[bar("1", 0), bar("2", 50), bar("3", 100)], Growing::Upwards, 320);
        let heights = of_class(&svg, "chart-bar", "height");
        assert_eq!((heights[0], heights[2]), (0, heights[1] * 2));
        let ends: Vec<i32> = of_class(&svg, "chart-bar", "y").iter().zip(&heights).map(|(y, height)| y + height).collect();
        assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "one base line: {ends:?}");
        let lengths = of_class(&bars(&[bar("G", 30), bar("C", 60)], Growing::Rightwards, 320), "chart-bar", "width");
        assert_eq!(lengths[1], lengths[0] * 2);
    }

    #[test]
    fn nothing_is_coloured_and_nothing_is_styled_in_line() {
        let svg = bars(&[bar("Bán buôn, bán lẻ <&>", 7)], Growing::Rightwards, 320);
        assert!(!svg.contains('#') && !svg.contains("style="), "{svg}");
        assert!(svg.contains("Bán buôn, bán lẻ &lt;&amp;&gt;"), "{svg}");
        assert!(svg.contains("chart-axis") && svg.contains("chart-value") && svg.contains("chart-grid"));
    }

    #[test]
    fn there_are_never_more_than_four_hairlines() {
        for most in [1, 3, 4, 5, 9, 10, 99, 101, 4_321, 2_200_000] {
            let lines = most / step(most);
            assert!((1..=MOST_GRIDLINES).contains(&lines), "{most}: {lines} lines");
        }
        assert_eq!(bars(&[], Growing::Upwards, 320), "");
    }
}
