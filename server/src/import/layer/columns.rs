//! Which column of a file says what: by the words people use in Vietnamese and English, or by a person's own map.
//! It deliberately reads no value; `values` does.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use serde::Deserialize;

use super::Layer;
use crate::import::header::{normalise, position};
use crate::import::source::{Cell, Row};

/// Something a layer takes, with the names its column goes by, the best first; normalised.
pub struct Field {
    pub name: &'static str,
    pub words: &'static [&'static str],
}

const fn field(name: &'static str, words: &'static [&'static str]) -> Field {
    Field { name, words }
}

const PLACE: [Field; 11] = [
    field("lon", &["lon", "lng", "long", "longitude", "kinh do", "toa do kinh do", "kinh do x", "kd"]),
    field("lat", &["lat", "latitude", "vi do", "toa do vi do", "vi do y", "vd"]),
    field("x", &["x", "toa do x", "x m", "x vn2000", "x vn 2000", "easting", "east", "pointx", "point x", "xcoord", "coord x"]),
    field("y", &["y", "toa do y", "y m", "y vn2000", "y vn 2000", "northing", "north", "pointy", "point y", "ycoord", "coord y"]),
    field(
        "coordinates",
        &["toa do", "coordinates", "coordinate", "vi tri", "location", "gps", "toa do gps", "lat lon", "lat long", "latlng"],
    ),
    field("house_number", &["so nha", "house number", "housenumber", "addr housenumber"]),
    field("street", &["duong pho", "duong", "pho", "ten duong", "ten pho", "ngo duong", "ngo pho", "street", "addr street"]),
    field(
        "address",
        &[
            "dia chi",
            "dia chi nha",
            "dia chi day du",
            "dia chi thuong tru",
            "dia chi cu tru",
            "noi thuong tru",
            "noi o hien tai",
            "noi o",
            "dia chi kinh doanh",
            "dia diem kinh doanh",
            "dia chi tru so",
            "dia diem",
            "vi tri lap dat",
            "dia diem lap dat",
            "address",
            "addr full",
            "addr",
        ],
    ),
    field(
        "tdp",
        &["to dan pho", "to dan pho so", "tdp", "to dp", "to so", "to", "khu dan cu", "neighbourhood", "tdp code", "area", "area code"],
    ),
    field("ward", &["ma phuong", "ma phuong xa", "ma xa", "phuong", "phuong xa", "xa", "ward code", "ward"]),
    field("code", &[]),
];

const HOUSEHOLD: [Field; 11] = [
    field(
        "code",
        &[
            "ma ho",
            "ma ho dan",
            "ma so ho",
            "ma ho gia dinh",
            "so ho khau",
            "so so ho khau",
            "ma so ho gia dinh",
            "household code",
            "household id",
            "household",
            "code",
            "ma so",
            "ma",
            "id",
        ],
    ),
    field("unit", &["can ho", "so can ho", "so phong", "phong", "unit", "apartment", "flat"]),
    field(
        "head",
        &[
            "chu ho",
            "ho ten chu ho",
            "ho va ten chu ho",
            "ten chu ho",
            "head",
            "head name",
            "head of household",
            "householder",
            "ho va ten",
            "ho ten",
            "ho va ten khai sinh",
            "full name",
            "fullname",
            "name",
            "ten",
        ],
    ),
    field(
        "birth_date",
        &["ngay sinh", "ngay thang nam sinh", "ngay thang sinh", "nam sinh", "birth date", "birthdate", "date of birth", "dob", "birthday"],
    ),
    field("sex", &["gioi tinh", "gioi", "phai", "nam nu", "sex", "gender"]),
    field(
        "national_id",
        &[
            "so cccd",
            "cccd",
            "so dinh danh",
            "so dinh danh ca nhan",
            "can cuoc",
            "so can cuoc",
            "can cuoc cong dan",
            "so cccd cmnd",
            "cccd cmnd",
            "cmnd cccd",
            "so giay to",
            "national id",
            "id number",
            "citizen id",
        ],
    ),
    field("phone", &["dien thoai", "so dien thoai", "sdt", "dt", "dien thoai lien he", "phone", "phone number", "mobile", "tel"]),
    field(
        "relation",
        &["quan he voi chu ho", "quan he chu ho", "quan he", "qh voi chu ho", "relation", "relation to head", "relationship"],
    ),
    field("occupation", &["nghe nghiep", "nghe", "cong viec", "occupation", "job"]),
    field("education", &["trinh do hoc van", "trinh do", "hoc van", "trinh do van hoa", "education"]),
    field("residence_kind", &["loai cu tru", "hinh thuc cu tru", "tinh trang cu tru", "cu tru", "residence kind", "residence"]),
];

const CAMERA: [Field; 7] = [
    field("code", &["ma camera", "ma cam", "ma may", "ma so camera", "camera code", "camera id", "camera", "code", "ma so", "ma", "id"]),
    field("name", &["ten camera", "ten diem", "ten vi tri", "ten", "diem lap dat", "name", "camera name", "title"]),
    field(
        "heading_deg",
        &["huong", "huong nhin", "huong quay", "goc phuong vi", "heading", "heading deg", "direction", "azimuth", "bearing"],
    ),
    field("field_of_view_deg", &["goc nhin", "goc quan sat", "goc mo", "field of view", "field of view deg", "fov"]),
    field("range_m", &["tam nhin", "tam xa", "tam quan sat", "range", "range m"]),
    field("status", &["trang thai", "tinh trang", "hoat dong", "status", "state"]),
    field("stream", &["luong", "luong hinh", "duong dan", "stream", "stream url", "rtsp", "url"]),
];

const BUSINESS: [Field; 8] = [
    field(
        "code",
        &[
            "ma co so",
            "ma ho kinh doanh",
            "ma hkd",
            "so dang ky",
            "so gcn dkkd",
            "so dkkd",
            "business code",
            "business id",
            "code",
            "ma so",
            "ma",
            "id",
            "ma so thue",
            "mst",
            "tax code",
        ],
    ),
    field(
        "name",
        &[
            "ten co so",
            "ten ho kinh doanh",
            "ten hkd",
            "ten doanh nghiep",
            "ten cong ty",
            "ten bien hieu",
            "bien hieu",
            "ten",
            "business name",
            "name",
            "title",
        ],
    ),
    field("tax_code", &["ma so thue", "mst", "ma so dn", "ma so doanh nghiep", "tax code", "tax id"]),
    field("vsic", &["ma nganh", "ma nganh nghe", "ma vsic", "vsic", "ma nganh kinh te", "activity code"]),
    field(
        "sector",
        &[
            "nganh nghe",
            "nganh nghe kinh doanh",
            "linh vuc",
            "nganh",
            "nganh hang",
            "linh vuc kinh doanh",
            "loai hinh kinh doanh",
            "sector",
            "activity",
            "category",
        ],
    ),
    field("kind", &["loai hinh", "loai", "loai hinh doanh nghiep", "hinh thuc", "kind", "type", "business type"]),
    field("status", &["trang thai", "tinh trang", "tinh trang hoat dong", "trang thai hoat dong", "status"]),
    field(
        "opened_on",
        &[
            "ngay thanh lap",
            "ngay cap",
            "ngay bat dau",
            "ngay khai truong",
            "ngay dang ky",
            "ngay hoat dong",
            "opened on",
            "opening date",
            "start date",
            "since",
        ],
    ),
];

const BOARDING_HOUSE: [Field; 4] = [
    field("code", &["ma nha tro", "ma co so", "ma co so luu tru", "ma so nha tro", "boarding house code", "code", "ma so", "ma", "id"]),
    field("name", &["ten nha tro", "ten co so", "ten khu tro", "nha tro", "ten", "name", "title"]),
    field(
        "landlord_name",
        &[
            "chu nha tro",
            "chu tro",
            "ten chu tro",
            "ho ten chu tro",
            "chu co so",
            "chu nha",
            "ho ten chu nha",
            "ho ten",
            "ho va ten",
            "landlord",
            "landlord name",
            "owner",
            "owner name",
        ],
    ),
    field(
        "landlord_phone",
        &[
            "dien thoai",
            "so dien thoai",
            "sdt",
            "dt",
            "dien thoai chu tro",
            "sdt chu tro",
            "phone",
            "phone number",
            "landlord phone",
            "mobile",
        ],
    ),
];

const PLACE_LAYER: [Field; 3] = [
    field("code", &["ma dia diem", "ma diem", "ma so", "ma", "code", "place code", "id", "osm id", "fid"]),
    field("name", &["ten dia diem", "ten diem", "ten", "name", "title"]),
    field("kind", &["loai dia diem", "loai", "loai hinh", "kind", "type", "category", "amenity"]),
];

const ROAD: [Field; 5] = [
    field("code", &["ma duong", "ma tuyen", "ma so", "ma", "code", "road code", "id", "osm id", "seq", "fid"]),
    field("name", &["ten duong", "ten tuyen", "ten pho", "ten", "name", "street"]),
    field("class", &["cap duong", "loai duong", "cap", "loai", "class", "highway", "fclass", "kind", "type"]),
    field("number", &["so ngo", "so hieu", "number"]),
    field("width_m", &["be rong", "chieu rong", "rong", "width", "width m"]),
];

/// The fields of a layer: its own before those of place and address.
pub fn fields(layer: Layer) -> impl Iterator<Item = &'static Field> {
    let own: &'static [Field] = match layer {
        Layer::Household => &HOUSEHOLD,
        Layer::Camera => &CAMERA,
        Layer::Business => &BUSINESS,
        Layer::BoardingHouse => &BOARDING_HOUSE,
        Layer::Place => &PLACE_LAYER,
        Layer::Road => &ROAD,
    };
    own.iter().chain(PLACE.iter().filter(|field| !field.words.is_empty()))
}

/// A person's own map of columns.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnMap {
    /// Field -> column, or several whose texts are joined by a space.
    #[serde(default)]
    columns: BTreeMap<String, Names>,
    /// Field -> a value for every row whose column is missing or empty.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Several(Vec<String>),
}

impl ColumnMap {
    pub fn read(path: &Path, layer: Layer) -> anyhow::Result<Self> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
        let map: Self = toml::from_str(&text).with_context(|| format!("{shown} is no map of columns: [columns] and [set]"))?;
        map.columns.keys().chain(map.set.keys()).try_for_each(|name| check_field(layer, name)).with_context(|| shown.to_string())?;
        Ok(map)
    }
}

/// Refuses a field that the layer does not have, with those it has.
pub fn check_field(layer: Layer, name: &str) -> anyhow::Result<()> {
    if fields(layer).any(|field| field.name == name) {
        return Ok(());
    }
    let known: Vec<&str> = fields(layer).map(|field| field.name).collect();
    bail!("{name} is no field of a {}; fields are {}", layer.word(), known.join(", "))
}

/// Where each field stands in the rows of a file.
#[derive(Clone, Debug)]
pub struct Columns {
    at: BTreeMap<&'static str, Vec<usize>>,
    set: BTreeMap<String, String>,
    header: Vec<String>,
}

impl Columns {
    pub fn find(layer: Layer, header: &[String], map: &ColumnMap) -> anyhow::Result<Self> {
        let mut at: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
        for field in fields(layer) {
            let Some(names) = map.columns.get(field.name) else { continue };
            let names = match names {
                Names::One(name) => std::slice::from_ref(name),
                Names::Several(names) => names,
            };
            let find = |name: &String| {
                let same = |known: &String| known == name || normalise(known) == normalise(name);
                header.iter().position(same).with_context(|| format!("there is no column {name:?}; the file has {}", header.join(", ")))
            };
            at.insert(field.name, names.iter().map(find).collect::<anyhow::Result<_>>()?);
        }
        for field in fields(layer) {
            if !at.contains_key(field.name)
                && let Some(found) = position(header, field.words, |column| !at.values().flatten().any(|taken| *taken == column))
            {
                at.insert(field.name, vec![found]);
            }
        }
        // a list of businesses often has no number but the tax code's: it is both
        if layer == Layer::Business && !at.contains_key("tax_code") && at.get("code").is_some_and(|code| is_tax_code(&header[code[0]])) {
            at.insert("tax_code", at["code"].clone());
        }
        Ok(Self { at, set: map.set.clone(), header: header.to_vec() })
    }

    pub fn has(&self, field: &str) -> bool {
        self.at.contains_key(field) || self.set.contains_key(field)
    }

    /// The column's name in the file, for the report.
    pub fn name(&self, field: &str) -> String {
        match self.at.get(field) {
            Some(columns) => columns.iter().map(|at| self.header[*at].as_str()).collect::<Vec<_>>().join(" + "),
            None => field.to_owned(),
        }
    }

    /// "code: Mã hộ, address: Địa chỉ", for the person who started the import.
    pub fn described(&self) -> String {
        let pairs: Vec<String> = self.at.keys().map(|field| format!("{field} = {:?}", self.name(field))).collect();
        pairs.join(", ")
    }

    /// Columns of the file that are not taken.
    pub fn unused(&self) -> Vec<&str> {
        let used = |at: usize| self.at.values().flatten().any(|taken| *taken == at);
        self.header.iter().enumerate().filter(|(at, name)| !used(*at) && !name.is_empty()).map(|(_, name)| name.as_str()).collect()
    }

    /// What a row says of a field; several columns joined.
    pub fn cell(&self, row: &Row, field: &str) -> Cell {
        let cells: Vec<&Cell> =
            self.at.get(field).into_iter().flatten().filter_map(|at| row.cells.get(*at)).filter(|cell| **cell != Cell::Empty).collect();
        match cells.as_slice() {
            [] => self.set.get(field).map_or(Cell::Empty, |value| Cell::of_text(value)),
            [one] => (*one).clone(),
            several => Cell::of_text(&several.iter().map(|cell| super::values::shown(cell)).collect::<Vec<_>>().join(" ")),
        }
    }
}

fn is_tax_code(name: &str) -> bool {
    matches!(normalise(name).as_str(), "ma so thue" | "mst" | "tax code")
}

/// How many columns of a header a layer understands; finds the header in a file.
pub fn understood(layer: Layer, map: &ColumnMap, header: &[String]) -> usize {
    match Columns::find(layer, header, map) {
        Ok(columns) => columns.at.len(),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_list_of_a_ward_office_is_understood() {
        let names = header(&[
            "STT",
            "Mã hộ",
            "Họ tên chủ hộ",
            "Ngày sinh",
            "Giới tính",
            "Số CCCD",
            "Địa chỉ",
            "Tổ dân phố",
            "Kinh độ",
            "Vĩ độ",
            "Ghi chú",
        ]);
        let columns = Columns::find(Layer::Household, &names, &ColumnMap::default()).unwrap();
        assert_eq!(
            columns.described(),
            "address = \"Địa chỉ\", birth_date = \"Ngày sinh\", code = \"Mã hộ\", head = \"Họ tên chủ hộ\", lat = \"Vĩ độ\", lon = \"Kinh độ\", \
             national_id = \"Số CCCD\", sex = \"Giới tính\", tdp = \"Tổ dân phố\""
        );
        assert_eq!(columns.unused(), ["STT", "Ghi chú"]);
    }

    #[test]
    fn a_tax_code_can_stand_for_the_code() {
        let columns = Columns::find(Layer::Business, &header(&["MST", "Tên cơ sở", "Ngành nghề"]), &ColumnMap::default()).unwrap();
        assert_eq!((columns.name("code"), columns.name("tax_code")), ("MST".into(), "MST".into()));
        let columns = Columns::find(Layer::Business, &header(&["Mã", "MST", "Tên"]), &ColumnMap::default()).unwrap();
        assert_eq!((columns.name("code"), columns.name("tax_code")), ("Mã".into(), "MST".into()));
    }

    #[test]
    fn a_map_joins_columns_and_fills_what_is_missing() {
        let map: ColumnMap = toml::from_str("[columns]\naddress = [\"SN\", \"Ngõ\"]\n[set]\nkind = \"bus_stop\"").unwrap();
        let columns = Columns::find(Layer::Place, &header(&["Mã", "SN", "Ngõ"]), &map).unwrap();
        let cells = ["D1", "5", "ngõ 34"].map(Cell::of_text).to_vec();
        let row = Row { line: 1, cells, shape: None, flaw: None };
        assert_eq!(columns.cell(&row, "address"), Cell::of_text("5 ngõ 34"));
        assert_eq!(columns.cell(&row, "kind"), Cell::of_text("bus_stop"));
        let wrong: ColumnMap = toml::from_str("[columns]\naddress = \"Đường\"").unwrap();
        let refusal = Columns::find(Layer::Place, &header(&["Mã", "SN"]), &wrong).unwrap_err().to_string();
        assert_eq!(refusal, "there is no column \"Đường\"; the file has Mã, SN");
        assert!(check_field(Layer::Place, "kidn").is_err());
    }

    #[test]
    fn every_word_is_normalised_or_it_would_never_match() {
        for layer in Layer::ALL {
            for field in fields(layer) {
                for word in field.words {
                    assert_eq!(normalise(word), *word, "{} of {}", field.name, layer.word());
                }
            }
        }
    }
}
