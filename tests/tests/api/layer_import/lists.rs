//! Lists of a ward office as they come: Vietnamese columns, semicolons, twice, with gaps and with mistakes.

use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;
use server::import::layer::{ImportLayer, Layer};

use super::desk::Desk;

const HOUSEHOLDS: &str = "\u{feff}DANH SÁCH HỘ DÂN TỔ DÂN PHỐ;;;;;;;;;;\n\
    ;;;;;;;;;;\n\
    STT;Mã hộ;Họ tên chủ hộ;Ngày sinh;Giới tính;Số CCCD;Điện thoại;Địa chỉ;Tổ dân phố;Kinh độ;Vĩ độ\n\
    1;H001;Nguyễn Thị Hạnh;14/03/1957;Nữ;001157000001;0912 345 678;Số 5 ngõ 34 phố Nhổn;1;105,7051;21,0051\n\
    2;H002;Trần Văn Bảo;1961;Nam;;;5 ngõ 34 Nhổn;Tổ 1;;\n\
    3;H003;Lê Thị Cúc;01/02/1990;Nữ;;;Số 7 phố Nhổn;TDP 2;;\n\
    4;H004;Phạm Văn Dũng;01/02/1980;Nam;;;Số 99 phố Lạ;2;;\n\
    5;H001;Người Khác;01/02/1980;Nam;;;Số 1 phố Lạ;2;;\n\
    6;;Vô Danh;01/02/1980;Nam;;;Số 2 phố Lạ;2;;\n\
    7;H007;Xa Xôi;01/02/1980;Nam;;;Số 3 phố Lạ;2;106,70;10,77\n\
    8;H008;Không Không;01/02/1980;Nam;;;Số 4 phố Lạ;2;0;0\n";

#[tokio::test]
async fn a_list_of_households_goes_in_and_a_second_time_changes_nothing() {
    let desk = Desk::new().await;
    let summary = desk.import_text(Layer::Household, HOUSEHOLDS).await;
    assert_snapshot!(
        summary.to_string().lines().skip(1).take(8).collect::<Vec<_>>().join("\n"),
        @r#"
    columns: address = "Địa chỉ", birth_date = "Ngày sinh", code = "Mã hộ", head = "Họ tên chủ hộ", lat = "Vĩ độ", lon = "Kinh độ", national_id = "Số CCCD", phone = "Điện thoại", sex = "Giới tính", tdp = "Tổ dân phố"
    columns not taken: STT
    rows: 8: 4 left out
    households: 4 new, 0 changed, 0 unchanged
    places: 1 by coordinates, 1 by the address of a building, 2 unplaced (no coordinates, and no building of that address)
    people: 3 new, 0 changed, 0 unchanged
    left out: 1 duplicate_code, 1 far_away, 1 missing, 1 zero_coordinates
    notes: 1 address_of_several, 1 person_left_out
    "#
    );
    assert_snapshot!(desk.report(&summary), @r"
    9,,Mã hộ,,left_out,missing: is empty
    11,H008,geometry,0 0,left_out,zero_coordinates: lies at (0, 0): the place is not known; leave it empty
    8,H001,Mã hộ,H001,left_out,duplicate_code: is the code of line 4 too; the first row of a code counts
    10,H007,geometry,106.700000 10.770000,left_out,far_away: lies 1136.9 km from ward 00622 (Phường Xuân Phương)
    5,H002,Ngày sinh,,imported,person_left_out: says only the year; the day and month are missing: the household is taken, the person is not
    6,H003,Địa chỉ,Số 7 phố Nhổn,imported,address_of_several: is the address of 2 buildings: the row waits to be placed on the map
    ");
    let rows = "select concat_ws(' ', h.code, a.code, b.code, h.member_count, round(st_x(h.geom)::numeric, 4), h.area_by_hand) from household h \
                join area a on a.id = h.area_id left join building b on b.id = h.building_id order by h.code";
    assert_snapshot!(desk.lines(rows).await, @r"
    H001 00622-1 1 105.7051 f
    H002 00622-1 B1 0 105.7050 f
    H003 00622-2 1 f
    H004 00622-2 1 f
    ");
    let (households, residents) = (desk.snapshot("household").await, desk.snapshot("resident").await);
    let again = desk.import_text(Layer::Household, HOUSEHOLDS).await;
    assert_eq!((again.new, again.changed, again.same, again.people), (0, 0, 4, (0, 0, 3)));
    assert_eq!((desk.snapshot("household").await, desk.snapshot("resident").await), (households, residents));
    // in bulk: areas are read again, no row is told one by one, and the second time nothing at all
    assert_eq!(desk.lines("select distinct op from change where topic in ('household', 'resident')").await, "reload");
}

#[tokio::test]
async fn a_newer_list_updates_and_what_it_leaves_empty_stays() {
    let desk = Desk::new().await;
    desk.import_text(Layer::Household, HOUSEHOLDS).await;
    // placed by hand meanwhile: a list without coordinates must not move it back
    desk.execute("update household set geom = st_setsrid(st_point(105.7151, 21.0101), 4326) where code in ('H002', 'H004')").await;
    let newer = "Mã hộ,Chủ hộ,Ngày sinh,Giới tính,Số điện thoại,Địa chỉ\n\
                 H001,Nguyễn Thị Hạnh,14/03/1957,nữ,,Số 5A ngõ 34 phố Nhổn\n\
                 H002,,,,,5 ngõ 34 Nhổn\n\
                 H003,Ngô Văn Khác,05/06/1970,nam,,Số 7 phố Nhổn\n\
                 H004,Phạm Văn Dũng,01/02/1980,Nam,0987654321,Số 99 phố Lạ\n";
    let summary = desk.import_text(Layer::Household, newer).await;
    assert_eq!((summary.new, summary.changed, summary.same, summary.people), (0, 1, 3, (0, 1, 1)));
    assert!(desk.report(&summary).contains("4,H003,Chủ hộ,,imported,other_head: "), "{}", desk.report(&summary));
    let rows = "select concat_ws(' ', code, address, round(st_x(geom)::numeric, 4)) from household order by code";
    assert_snapshot!(desk.lines(rows).await, @r"
    H001 Số 5A ngõ 34 phố Nhổn 105.7051
    H002 5 ngõ 34 Nhổn 105.7151
    H003 Số 7 phố Nhổn
    H004 Số 99 phố Lạ 105.7151
    ");
    let people = "select concat_ws(' ', name, phone, national_id_hash is not null) from resident order by name";
    assert_snapshot!(desk.lines(people).await, @r"
    Lê Thị Cúc f
    Nguyễn Thị Hạnh 0912345678 t
    Phạm Văn Dũng 0987654321 f
    ");
}

#[tokio::test]
async fn where_each_row_is_a_person_a_household_holds_them_all() {
    let desk = Desk::new().await;
    let list = "ma_ho,ho_ten,ngay_sinh,gioi_tinh,quan_he,dia_chi\n\
                H1,Nguyễn Văn An,01/01/1970,nam,Chủ hộ,Số 1\nH1,Trần Thị Bình,02/02/1972,nữ,Vợ,Số 1\nH1,Nguyễn Văn Con,03/03/2000,nam,Con trai,Số 1\n\
                H2,Lê Văn Dũng,04/04/1980,nam,Chủ hộ,Số 2\nH2,Lê Thị Hai,05/05/1981,nữ,Chủ hộ,Số 2\n";
    let summary = desk.import_text(Layer::Household, list).await;
    assert_eq!(desk.lines("select concat_ws(' ', code, member_count) from household order by code").await, "H1 3\nH2 1");
    assert_eq!((summary.rows, summary.new, summary.unplaced, summary.left_out), (5, 2, 2, 0), "two households, not five: {summary}");
    assert_eq!(summary.people, (4, 0, 0));
    assert!(desk.report(&summary).contains("6,H2,ho_ten,,imported,other_head: "), "{}", desk.report(&summary));
    let again = desk.import_text(Layer::Household, list).await;
    assert_eq!((again.new, again.changed, again.same, again.people.0, again.people.1), (0, 0, 2, 0, 0));
}

#[tokio::test]
async fn a_member_who_cannot_be_read_is_reported_as_that_and_as_no_repetition() {
    let desk = Desk::new().await;
    let list = "ma_ho,ho_ten,ngay_sinh,gioi_tinh,quan_he,dia_chi\n\
                H1,Nguyễn Văn An,1970,nam,Chủ hộ,Số 1\nH1,Trần Thị Bình,1972,nữ,Vợ,Số 1\nH1,Nguyễn Văn Con,03/03/2000,nam,Con trai,Số 1\n";
    let summary = desk.import_text(Layer::Household, list).await;
    assert_eq!((summary.left_out, summary.people.0), (0, 1), "{summary}");
    let report = desk.report(&summary);
    for line in ["2,H1,ngay_sinh,,imported,person_left_out: ", "3,H1,ngay_sinh,,imported,person_left_out: "] {
        assert!(report.contains(line), "{line}\n{report}");
    }
}

#[tokio::test]
async fn a_list_as_windows_writes_it_is_reported_by_its_own_line_numbers() {
    let desk = Desk::new().await;
    let list = "Mã camera;Tên;Hướng;Kinh độ;Vĩ độ\r\nC1;Một;hướng Nam;105,705;21,005\r\n;Hai;;105,705;21,005\r\nC3;Ba;N;105,705;21,005\r\n";
    let summary = desk.import_text(Layer::Camera, list).await;
    assert_snapshot!(desk.report(&summary), @r"
    3,,Mã camera,,left_out,missing: is empty
    4,C3,Hướng,N,imported,bad_value: is not understood; write degrees from north, or a wind such as đông nam
    ");
    assert_eq!(desk.lines("select concat_ws(' ', code, heading_deg) from camera order by code").await, "C1 180\nC3");
}

#[tokio::test]
async fn whether_a_camera_answers_is_its_recorders_to_say_once_it_has() {
    let desk = Desk::new().await;
    let list = "code,name,lon,lat,status\nC1,Một,105.705,21.005,hỏng\nC2,Hai,105.705,21.005,hỏng\n";
    desk.import_text(Layer::Camera, list).await;
    desk.execute("update camera set status = 'online'").await;
    desk.execute("insert into camera_heartbeat (camera_id, first_heard_at, last_heard_at, week) select id, now(), now(), 2968 from camera where code = 'C1'")
        .await;
    let summary = desk.import_text(Layer::Camera, list).await;
    assert_eq!((summary.changed, summary.same), (1, 1));
    assert_eq!(desk.lines("select concat_ws(' ', code, status) from camera order by code").await, "C1 online\nC2 offline");
}

#[tokio::test]
async fn the_report_is_closed_and_the_screen_says_no_name() {
    let desk = Desk::new().await;
    let list = "Mã hộ,Chủ hộ,Ngày sinh,Giới tính,Số CCCD,Điện thoại,Địa chỉ\n\
                K1,Canary Tên,01/01/1970,nam,12canary34,canaryphone,Số 1 canaryđường\nK2,Canary Hai,canaryngày,nam,,,Số 2\n";
    let summary = desk.import_text(Layer::Household, list).await;
    assert_eq!(summary.new, 2);
    assert!(!summary.to_string().contains("anary"), "{summary}");
    assert_eq!(std::fs::metadata(&summary.report).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(summary.report.starts_with(desk.dir.path().join("imports")));
    assert!(summary.to_string().contains("readable by you alone"));
    assert!(desk.report(&summary).contains("2,K1,Số CCCD,12canary34,imported,bad_value: is no national ID"), "{}", desk.report(&summary));
}

#[tokio::test]
async fn files_that_cannot_be_read_say_what_to_do() {
    let desk = Desk::new().await;
    assert!(desk.refusal_of_text(Layer::Camera, "").await.contains("the file is empty"));
    let header_only = desk.refusal_of_text(Layer::Camera, "Mã camera,Tên\n").await;
    assert!(header_only.contains("holds no rows below its header"), "{header_only}");
    let bad_header = desk.refusal_of_text(Layer::Camera, "a,b\n1,2\n").await;
    assert!(
        bad_header.contains("is understood as code, name. It has: a, b. Understood: none. Name the columns in a file for --map"),
        "{bad_header}"
    );
    let latin = desk.refusal_of_text(Layer::Camera, b"Code,Name\nC1,Ng\xe3 t\xed\n").await;
    assert!(latin.contains("line 2 is not UTF-8") && latin.contains("CSV UTF-8"), "{latin}");
    let utf16 = desk.refusal_of_text(Layer::Camera, b"\xff\xfeC\x00").await;
    assert!(utf16.contains("UTF-16"), "{utf16}");
    let all_bad = desk.refusal_of_text(Layer::Camera, "code,name,lon,lat\nC1,Một,0,0\nC2,Hai,0,0\n").await;
    assert!(all_bad.contains("none of the 2 rows could be taken, most of them because of: zero_coordinates"), "{all_bad}");
    let metres = desk.refusal_of_text(Layer::Camera, "code,name,x,y\nC1,Một,2326000,577890\n").await;
    assert!(metres.contains("not_degrees"), "{metres}");
    let nowhere = ImportLayer { area: Some("99999".into()), ..ImportLayer::of(Layer::Camera, desk.file("c.csv", "code,name\nC1,Một\n")) };
    assert!(desk.refusal(nowhere).await.contains("there is no ward or province with the code 99999"));
    let folder = desk.refusal(ImportLayer::of(Layer::Camera, desk.dir.path())).await;
    assert!(folder.contains("is a folder"), "{folder}");
    let pdf = desk.refusal(ImportLayer::of(Layer::Camera, desk.file("list.pdf", "%PDF"))).await;
    assert!(pdf.contains("the ending is none of"), "{pdf}");
    let srid = ImportLayer { srid: Some(999_999), ..ImportLayer::of(Layer::Camera, desk.file("c.csv", "code,name\nC1,Một\n")) };
    assert!(desk.refusal(srid).await.contains("coordinate system 999999 is not known"));
    let set = ImportLayer { set: vec!["colour=red".into()], ..ImportLayer::of(Layer::Camera, desk.file("c.csv", "code,name\nC1,Một\n")) };
    assert!(desk.refusal(set).await.contains("colour is no field of a camera; fields are code, name"));
    assert_eq!(desk.lines("select count(*)::text from camera").await, "0");
}

#[tokio::test]
async fn one_bad_row_stops_no_other() {
    let desk = Desk::new().await;
    // a quotation mark that is never closed, bytes that are no UTF-8, a number too large for its column, too many cells
    let mut list = "code,name,lon,lat,heading,range\nC1,Một,105.705,21.005,90,50\n".as_bytes().to_vec();
    list.extend(b"C2,Hai \xe3,105.705,21.005,,\n");
    list.extend(
        "C3,Ba,105.705,21.005,xyz,9999999\nC4,Bốn,105.705,21.005,90,50,thừa\nC5,Năm,1e999,21,,\nC6,Sáu,105.71,21.01,Đông Nam,\n".as_bytes(),
    );
    let path = desk.file("list.csv", &list);
    let summary = desk.import(ImportLayer::of(Layer::Camera, path)).await;
    assert_snapshot!(desk.report(&summary), @r"
    3,C2,name,?,left_out,bad_value: is not UTF-8: save the file as CSV UTF-8 (shapefile: with a .cpg of UTF-8)
    5,C4,geometry,,left_out,unreadable: the line has 7 cells, the header 6: a separator too many
    6,C5,lon,1e999,left_out,bad_value: is no number
    4,C3,heading,xyz,imported,bad_value: is not understood; write degrees from north, or a wind such as đông nam
    4,C3,range,9999999,imported,bad_value: is not between 0 and 4999
    ");
    assert_eq!(desk.lines("select concat_ws(' ', code, heading_deg) from camera order by code").await, "C1 90\nC3\nC6 135");
}

#[tokio::test]
async fn a_dry_run_keeps_nothing() {
    let desk = Desk::new().await;
    let path = desk.file("list.csv", HOUSEHOLDS);
    let summary = desk.import(ImportLayer { dry_run: true, ..ImportLayer::of(Layer::Household, path) }).await;
    assert_eq!((summary.new, summary.left_out), (4, 4));
    assert!(summary.to_string().starts_with("dry run: nothing was kept"));
    assert_eq!(desk.lines("select count(*)::text from household").await, "0");
}

#[tokio::test]
async fn businesses_and_boarding_houses_find_their_kind() {
    let desk = Desk::new().await;
    let businesses = "MST,Tên cơ sở,Ngành nghề,Loại hình,Trạng thái,Ngày thành lập,Số nhà,Đường\n\
        0101234567,Phở Thìn,Bán phở,Hộ kinh doanh,Đang hoạt động,01/02/2020,7A,phố Nhổn\n\
        0101234568,Công ty ABC,4711,,Tạm ngừng,,5,ngõ 34 phố Nhổn\n\
        0101234569,Bí ẩn,Khác,,,,1,phố Lạ\n";
    let summary = desk.import_text(Layer::Business, businesses).await;
    assert_eq!((summary.new, summary.left_out, summary.by_address), (2, 1, 1), "{summary}");
    let map = desk.file("columns.toml", "[columns]\nvsic = \"Ngành nghề\"\n[set]\nsector = \"G\"\n");
    let path = desk.file("list.csv", businesses);
    let summary = desk.import(ImportLayer { map: Some(map), ..ImportLayer::of(Layer::Business, path) }).await;
    assert_eq!((summary.new + summary.changed + summary.same, summary.left_out, summary.by_address), (3, 0, 1));
    let rows = "select concat_ws(' ', code, tax_code, vsic, sector, kind, status, opened_on, address, building_id is not null) from business order by code";
    assert_snapshot!(desk.lines(rows).await, @r"
    0101234567 0101234567 G household_business operating 2020-02-01 Số 7A phố Nhổn f
    0101234568 0101234568 4711 G company suspended Số 5 ngõ 34 phố Nhổn t
    0101234569 0101234569 G household_business operating Số 1 phố Lạ f
    ");
    let houses = "Mã nhà trọ,Tên nhà trọ,Chủ nhà trọ,SĐT,Địa chỉ,Tọa độ\nNT1,,Bà Tư,0912345678,Số 5 ngõ 34 phố Nhổn,\nNT2,Nhà trọ Hoa,Ông Ba,,Số 9,\"21.005, 105.706\"\n";
    let summary = desk.import_text(Layer::BoardingHouse, houses).await;
    assert_eq!((summary.new, summary.by_address, summary.by_coordinates), (2, 1, 1));
    let rows = "select concat_ws(' ', h.code, h.name, landlord_phone, b.code) from boarding_house h left join building b on b.id = h.building_id order by 1";
    assert_eq!(desk.lines(rows).await, "NT1 Nhà trọ Số 5 ngõ 34 phố Nhổn 0912345678 B1\nNT2 Nhà trọ Hoa B2");
}
