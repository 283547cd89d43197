//! Every format brings the same rows: Excel with numbers and dates, shapefile, KML, GeoPackage, GeoJSON.

use std::io::Write;

use rust_xlsxwriter::{Format, Workbook};
use server::import::layer::{ImportLayer, Layer};

use super::desk::Desk;

const CAMERAS: &str = "select concat_ws(' ', code, name, round(st_x(geom)::numeric, 5), round(st_y(geom)::numeric, 5), heading_deg) from camera order by code";

#[tokio::test]
async fn a_workbook_with_numbers_and_dates_for_codes() {
    let desk = Desk::new().await;
    let path = desk.dir.path().join("ho.xlsx");
    let mut workbook = Workbook::new();
    let cover = workbook.add_worksheet().set_name("Bìa").unwrap();
    cover.write(0, 0, "Hướng dẫn").unwrap();
    let sheet = workbook.add_worksheet().set_name("Danh sách").unwrap();
    sheet.write(0, 0, "DANH SÁCH HỘ DÂN").unwrap();
    for (column, name) in
        ["Mã hộ", "Họ tên chủ hộ", "Ngày sinh", "Giới tính", "Số CCCD", "SĐT", "Địa chỉ", "Kinh độ", "Vĩ độ"].iter().enumerate()
    {
        sheet.write(2, column as u16, *name).unwrap();
    }
    let date = Format::new().set_num_format("dd/mm/yyyy");
    // an ordinary row as Excel keeps it: code, identity number and telephone are numbers, the birth date is a date
    sheet.write(3, 0, 1001).unwrap();
    sheet.write(3, 1, "Nguyễn Thị Hạnh").unwrap();
    sheet.write_with_format(3, 2, rust_xlsxwriter::ExcelDateTime::from_ymd(1957, 3, 14).unwrap(), &date).unwrap();
    sheet.write(3, 3, "Nữ").unwrap();
    sheet.write(3, 4, 1_157_000_001_f64).unwrap();
    sheet.write(3, 5, 912_345_678.0).unwrap();
    sheet.write(3, 6, "Số 5 ngõ 34 phố Nhổn").unwrap();
    sheet.write(3, 7, 105.705).unwrap();
    sheet.write(3, 8, "21,005").unwrap();
    // Excel made a date of the code 1-2, and a fraction of another
    sheet.write_with_format(4, 0, rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 2, 1).unwrap(), &date).unwrap();
    sheet.write(4, 6, "Số 7").unwrap();
    sheet.write(6, 0, 10.5).unwrap();
    sheet.write(6, 6, "Số 8").unwrap();
    sheet.write(7, 0, "H-9").unwrap();
    sheet.write(7, 6, 12).unwrap();
    workbook.save(&path).unwrap();

    let summary = desk.import(ImportLayer::of(Layer::Household, &path)).await;
    assert_eq!((summary.rows, summary.new, summary.left_out), (4, 2, 2), "{}", desk.report(&summary));
    assert_eq!(summary.part.as_deref(), Some("Danh sách"), "the sheet is found by its header");
    let report = desk.report(&summary);
    assert!(report.contains("5,,Mã hộ,01/02/2026,left_out,bad_value: stands as a date in the sheet"), "{report}");
    assert!(report.contains("7,,Mã hộ,10.5,left_out,bad_value: stands as a number with a fraction"), "{report}");
    let rows = "select concat_ws(' ', h.code, h.address, r.name, r.birth_date, r.phone) from household h left join resident r on r.household_id = h.id order by h.code";
    assert_eq!(desk.lines(rows).await, "1001 Số 5 ngõ 34 phố Nhổn Nguyễn Thị Hạnh 1957-03-14 0912345678\nH-9 12");
    let number = desk.lines("select national_id_hash::text from resident").await;
    assert_eq!(
        number,
        format!("\\x{}", hex(&server::platform::national_id::hash(&desk.secrets, "001157000001"))),
        "its zeros are given back"
    );
    let sheet = desk.refusal(ImportLayer { part: Some("Trang 9".into()), ..ImportLayer::of(Layer::Household, &path) }).await;
    assert!(sheet.contains("there is no sheet \"Trang 9\"; the workbook has Bìa, Danh sách"), "{sheet}");
    let broken = desk.refusal(ImportLayer::of(Layer::Household, desk.file("hong.xlsx", "not a workbook"))).await;
    assert!(broken.contains("it is no workbook of Excel"), "{broken}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn kml_with_points_and_polygons() {
    let desk = Desk::new().await;
    let kml = r##"<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Địa điểm</name><Folder>
<Placemark><name>Nhà văn hóa số 1</name><ExtendedData><Data name="Mã"><value>D1</value></Data><Data name="Loại"><value>Nhà văn hóa</value></Data></ExtendedData>
 <Point><coordinates>105.705,21.005,0</coordinates></Point></Placemark>
<Placemark><name>Công viên Hồ</name><ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="Mã">D2</SimpleData><SimpleData name="Loại">Công viên</SimpleData></SchemaData></ExtendedData>
 <Polygon><outerBoundaryIs><LinearRing><coordinates>105.710,21.010 105.712,21.010 105.712,21.012 105.710,21.012 105.710,21.010</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
<Placemark><name>Hỏng</name><ExtendedData><Data name="Mã"><value>D3</value></Data></ExtendedData><Point><coordinates>đông,bắc</coordinates></Point></Placemark>
<Placemark><name>Chưa có tọa độ</name><ExtendedData><Data name="Mã"><value>D4</value></Data><Data name="Loại"><value>Chợ</value></Data></ExtendedData></Placemark>
</Folder></Document></kml>"##;
    let rows =
        "select concat_ws(' ', code, kind, name, round(st_x(geom)::numeric, 3), round(st_y(geom)::numeric, 3)) from place order by code";
    let expected = "D1 culture_house Nhà văn hóa số 1 105.705 21.005\nD2 park Công viên Hồ 105.711 21.011\nD4 market Chưa có tọa độ";
    let summary = desk.import(ImportLayer::of(Layer::Place, desk.file("diem.kml", kml))).await;
    assert_eq!((summary.rows, summary.new, summary.unplaced, summary.left_out), (4, 3, 1, 1), "{}", desk.report(&summary));
    assert_eq!(desk.lines(rows).await, expected);
    let mut kmz = zip::ZipWriter::new(std::fs::File::create(desk.dir.path().join("diem.kmz")).unwrap());
    kmz.start_file("doc.kml", zip::write::SimpleFileOptions::default()).unwrap();
    kmz.write_all(kml.as_bytes()).unwrap();
    kmz.finish().unwrap();
    let again = desk.import(ImportLayer::of(Layer::Place, desk.dir.path().join("diem.kmz"))).await;
    assert_eq!((again.new, again.changed, again.same), (0, 0, 3));
}

/// A GeoPackage with a layer of cameras in VN-2000 (UTM 48N), and another layer beside it.
fn geopackage(path: &std::path::Path) {
    let package = rusqlite::Connection::open(path).unwrap();
    package
        .execute_batch(
            "create table gpkg_spatial_ref_sys (srs_name text, srs_id integer primary key, organization text, organization_coordsys_id integer, definition text);
             insert into gpkg_spatial_ref_sys values ('VN-2000 / UTM zone 48N', 3405, 'EPSG', 3405, '');
             create table gpkg_contents (table_name text primary key, data_type text, srs_id integer);
             create table gpkg_geometry_columns (table_name text, column_name text, geometry_type_name text, srs_id integer, z integer, m integer);
             insert into gpkg_contents values ('camera an ninh', 'features', 3405), ('khác', 'features', 3405), ('bảng', 'attributes', 0);
             insert into gpkg_geometry_columns values ('camera an ninh', 'geom', 'POINT', 3405, 0, 0), ('khác', 'geom', 'POINT', 3405, 0, 0);
             create table \"camera an ninh\" (fid integer primary key, geom blob, ma text, ten text, huong real);
             create table \"khác\" (fid integer primary key, geom blob, ma text, ten text);",
        )
        .unwrap();
    let point = |x: f64, y: f64| {
        let mut blob = b"GP\x00\x01".to_vec();
        blob.extend(3405_i32.to_le_bytes());
        blob.push(1);
        blob.extend(1_u32.to_le_bytes());
        blob.extend(x.to_le_bytes());
        blob.extend(y.to_le_bytes());
        blob
    };
    let empty = b"GP\x00\x11\x4d\x0d\x00\x00".to_vec();
    let rows = [
        ("C1", Some(point(573_500.0, 2_323_000.0)), Some(90.0)),
        ("C2", Some(empty), None),
        ("C3", None, None),
        ("C4", Some(b"GP\x00\x01".to_vec()), None),
    ];
    for (code, geometry, heading) in rows {
        package
            .execute(
                "insert into \"camera an ninh\" (geom, ma, ten, huong) values (?1, ?2, 'Ngã tư', ?3)",
                rusqlite::params![geometry, code, heading],
            )
            .unwrap();
    }
}

#[tokio::test]
async fn a_geopackage_of_two_layers_in_vn_2000() {
    let desk = Desk::new().await;
    let path = desk.dir.path().join("phuong.gpkg");
    geopackage(&path);
    let refusal = desk.refusal(ImportLayer::of(Layer::Camera, &path)).await;
    assert!(refusal.contains("choose one with --part: camera an ninh, khác"), "{refusal}");
    let args = ImportLayer { part: Some("camera an ninh".into()), ..ImportLayer::of(Layer::Camera, &path) };
    let summary = desk.import(args.clone()).await;
    assert_eq!((summary.rows, summary.new, summary.unplaced, summary.left_out), (4, 3, 2, 1), "{}", desk.report(&summary));
    let expected = "C1 Ngã tư 105.70911 21.00525 90\nC2 Ngã tư\nC3 Ngã tư";
    assert_eq!(desk.lines(CAMERAS).await, expected);
    assert_eq!(desk.import(args).await.same, 3);
    let broken = desk.refusal(ImportLayer::of(Layer::Camera, desk.file("hong.gpkg", "no database"))).await;
    assert!(broken.contains("it is no GeoPackage"), "{broken}");
}

#[tokio::test]
async fn a_zipped_shapefile_with_the_projection_of_an_older_program() {
    use shapefile::dbase::{FieldValue, Record, TableWriterBuilder};
    let desk = Desk::new().await;
    let shp = desk.dir.path().join("camera.shp");
    let table =
        TableWriterBuilder::new().add_character_field("MA".try_into().unwrap(), 20).add_character_field("TEN".try_into().unwrap(), 60);
    let mut writer = shapefile::Writer::from_path(&shp, table).unwrap();
    for (code, x) in [("C1", 573_500.0), ("C2", 573_600.0)] {
        let mut record = Record::default();
        record.insert("MA".into(), FieldValue::Character(Some(code.into())));
        record.insert("TEN".into(), FieldValue::Character(Some("Ngã tư Nhổn".into())));
        writer.write_shape_and_record(&shapefile::Point::new(x, 2_323_000.0), &record).unwrap();
    }
    drop(writer);
    let prj = r#"PROJCS["VN_2000_UTM_Zone_48N",GEOGCS["GCS_VN_2000",DATUM["D_Vietnam_2000",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",105.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
    std::fs::write(shp.with_extension("prj"), prj).unwrap();
    let zipped = desk.dir.path().join("camera.shp.zip");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&zipped).unwrap());
    for ending in ["shp", "dbf", "prj"] {
        archive.start_file(format!("lớp/camera.{ending}"), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&std::fs::read(shp.with_extension(ending)).unwrap()).unwrap();
    }
    archive.finish().unwrap();
    let summary = desk.import(ImportLayer::of(Layer::Camera, &zipped)).await;
    assert_eq!(summary.new, 2, "{}", desk.report(&summary));
    assert_eq!(desk.lines(CAMERAS).await, "C1 Ngã tư Nhổn 105.70911 21.00525\nC2 Ngã tư Nhổn 105.71008 21.00524");
    let unpacked = desk.import(ImportLayer::of(Layer::Camera, &shp)).await;
    assert_eq!((unpacked.same, unpacked.changed), (2, 0), "unpacked it is the same");
}

#[tokio::test]
async fn geojson_with_broken_features_and_decomposed_letters() {
    let desk = Desk::new().await;
    let decomposed = "Nga\u{303} tu\u{31b} Nho\u{302}\u{309}n";
    let text = format!(
        r#"{{"type":"FeatureCollection","bbox":[1,2,3,4],"features":[
        {{"type":"Feature","id":"C1","properties":{{"name":"{decomposed}"}},"geometry":{{"type":"Point","coordinates":[105.705,21.005]}}}},
        {{"type":"Feature","id":"C2","properties":{{"name":"Đảo ngược"}},"geometry":{{"type":"Point","coordinates":[21.006,105.706]}}}},
        {{"type":"Feature","id":3,"properties":{{"name":"Ba","extra":[1,2]}},"geometry":{{"type":"Punkt","coordinates":[1]}}}},
        {{"type":"Feature","id":4,"properties":null,"geometry":null}},
        7]}}"#
    );
    let summary = desk.import(ImportLayer::of(Layer::Camera, desk.file("c.geojson", &text))).await;
    assert_eq!((summary.rows, summary.new, summary.left_out), (5, 2, 3), "{}", desk.report(&summary));
    assert_eq!(desk.lines(CAMERAS).await, "C1 Ngã tư Nhổn 105.70500 21.00500\nC2 Đảo ngược 105.70600 21.00600");
    assert!(desk.report(&summary).contains("2,C2,geometry,21.006 105.706,imported,swapped: "), "{}", desk.report(&summary));
    let cut = desk.refusal(ImportLayer::of(Layer::Camera, desk.file("cut.geojson", &text[..200]))).await;
    assert!(cut.contains("it is cut off at line"), "{cut}");
    let other = desk.refusal(ImportLayer::of(Layer::Camera, desk.file("other.json", "{\"a\": 1}"))).await;
    assert!(other.contains("no FeatureCollection"), "{other}");
}
