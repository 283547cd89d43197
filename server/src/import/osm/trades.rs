//! The table from OpenStreetMap's tags to the Vietnamese Standard Industrial Classification (VSIC).
//! It deliberately guesses no class that a tag leaves open: then only the section stands.
//!
//! Sections (A to U) and four-digit classes are those of VSIC 2018 (Decision 27/2018/QĐ-TTg), which follows ISIC
//! revision 4.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    /// Section, A to U.
    pub sector: &'static str,
    /// Four-digit class.
    pub vsic: Option<&'static str>,
    /// What it is called when it has no name.
    pub label: &'static str,
    /// Only companies do this.
    pub is_company: bool,
}

const fn trade_of(sector: &'static str, vsic: Option<&'static str>, label: &'static str) -> Trade {
    Trade { sector, vsic, label, is_company: false }
}

const fn company(sector: &'static str, vsic: Option<&'static str>, label: &'static str) -> Trade {
    Trade { sector, vsic, label, is_company: true }
}

/// The trade that a tag means; `None` where it means none.
pub fn trade(key: &str, value: &str) -> Option<Trade> {
    match key {
        "shop" if !matches!(value, "no" | "vacant") => Some(shop(value)),
        "office" if !matches!(value, "no" | "vacant") => Some(office(value)),
        "craft" if value != "no" => Some(craft(value)),
        "amenity" => amenity(value),
        "healthcare" => healthcare(value),
        "tourism" => tourism(value),
        "leisure" => leisure(value),
        _ => None,
    }
}

fn shop(value: &str) -> Trade {
    match value {
        "supermarket" => company("G", Some("4711"), "Siêu thị"),
        "convenience" | "general" | "kiosk" => trade_of("G", Some("4711"), "Cửa hàng tạp hóa"),
        "department_store" | "mall" => company("G", Some("4719"), "Trung tâm thương mại"),
        "variety_store" => trade_of("G", Some("4719"), "Cửa hàng bách hóa"),
        "greengrocer" | "butcher" | "seafood" | "bakery" | "pastry" | "confectionery" | "tea" | "coffee" | "deli" | "food" | "dairy"
        | "farm" | "frozen_food" | "health_food" | "spices" | "rice" | "nuts" | "ice_cream" => {
            trade_of("G", Some("4722"), "Cửa hàng thực phẩm")
        }
        "alcohol" | "beverages" | "wine" => trade_of("G", Some("4723"), "Cửa hàng đồ uống"),
        "tobacco" | "e-cigarette" => trade_of("G", Some("4724"), "Cửa hàng thuốc lá"),
        "computer" | "electronics" | "mobile_phone" | "hifi" | "telecommunication" => trade_of("G", Some("4741"), "Cửa hàng điện tử"),
        "fabric" | "sewing" | "wool" => trade_of("G", Some("4751"), "Cửa hàng vải"),
        "paint" | "hardware" | "doityourself" | "glaziery" | "trade" | "tiles" | "building_materials" | "bathroom_furnishing" => {
            trade_of("G", Some("4752"), "Cửa hàng vật liệu xây dựng")
        }
        "carpet" | "curtain" => trade_of("G", Some("4753"), "Cửa hàng rèm, thảm"),
        "furniture" | "houseware" | "interior_decoration" | "kitchen" | "lighting" | "appliance" | "bed" | "electrical" => {
            trade_of("G", Some("4759"), "Cửa hàng đồ gia dụng")
        }
        "books" | "newsagent" | "stationery" => trade_of("G", Some("4761"), "Cửa hàng sách, văn phòng phẩm"),
        "sports" | "bicycle" => trade_of("G", Some("4763"), "Cửa hàng thể thao"),
        "toys" | "games" => trade_of("G", Some("4764"), "Cửa hàng đồ chơi"),
        "clothes" | "shoes" | "bag" | "boutique" | "fashion" | "leather" | "baby_goods" | "fashion_accessories" => {
            trade_of("G", Some("4771"), "Cửa hàng quần áo, giày dép")
        }
        "chemist" | "cosmetics" | "perfumery" | "medical_supply" | "herbalist" => trade_of("G", Some("4772"), "Cửa hàng thuốc, mỹ phẩm"),
        "florist" => trade_of("G", Some("4773"), "Cửa hàng hoa"),
        "jewelry" | "watches" => trade_of("G", Some("4773"), "Cửa hàng vàng bạc, đồng hồ"),
        "gift" | "religion" | "art" | "camera" | "optician" | "pet" | "craft" | "souvenir" | "garden_centre" | "gas" => {
            trade_of("G", Some("4773"), "Cửa hàng")
        }
        "second_hand" | "antiques" | "charity" => trade_of("G", Some("4774"), "Cửa hàng đồ cũ"),
        "car" => trade_of("G", Some("4512"), "Cửa hàng ô tô"),
        "car_repair" | "tyres" | "car_parts" => trade_of("G", Some("4520"), "Sửa chữa ô tô"),
        "motorcycle" => trade_of("G", Some("4541"), "Cửa hàng xe máy"),
        "motorcycle_repair" => trade_of("G", Some("4542"), "Sửa chữa xe máy"),
        "hairdresser" | "beauty" | "massage" | "tattoo" => trade_of("S", None, "Cắt tóc, làm đẹp"),
        "laundry" | "dry_cleaning" => trade_of("S", Some("9620"), "Giặt là"),
        "tailor" => trade_of("C", Some("1410"), "Hiệu may"),
        "travel_agency" | "ticket" => trade_of("N", Some("7911"), "Đại lý du lịch, bán vé"),
        "copyshop" | "photo" => trade_of("N", None, "Cửa hàng photocopy, ảnh"),
        "lottery" | "bookmaker" => trade_of("R", Some("9200"), "Xổ số"),
        "pawnbroker" | "money_lender" => trade_of("K", Some("6492"), "Hiệu cầm đồ"),
        "estate_agent" => trade_of("L", Some("6820"), "Môi giới bất động sản"),
        "funeral_directors" => trade_of("S", Some("9632"), "Dịch vụ tang lễ"),
        "rental" => trade_of("N", None, "Cho thuê đồ dùng"),
        "repair" | "computer_repair" | "shoe_repair" | "locksmith" => trade_of("S", None, "Sửa chữa đồ dùng"),
        _ => trade_of("G", None, "Cửa hàng"),
    }
}

fn office(value: &str) -> Trade {
    match value {
        "insurance" => company("K", None, "Văn phòng bảo hiểm"),
        "financial" | "financial_advisor" => company("K", None, "Văn phòng tài chính"),
        "lawyer" | "notary" => company("M", Some("6910"), "Văn phòng luật, công chứng"),
        "accountant" | "tax_advisor" => company("M", Some("6920"), "Văn phòng kế toán"),
        "consulting" => company("M", Some("7020"), "Văn phòng tư vấn"),
        "architect" | "engineer" | "surveyor" => company("M", Some("7110"), "Văn phòng thiết kế"),
        "advertising_agency" => company("M", Some("7310"), "Công ty quảng cáo"),
        "delivery" | "courier" => company("H", Some("5320"), "Chuyển phát"),
        "logistics" | "moving_company" => company("H", None, "Công ty vận chuyển"),
        "it" => company("J", None, "Công ty công nghệ thông tin"),
        "telecommunication" => company("J", None, "Công ty viễn thông"),
        "newspaper" | "publisher" => company("J", None, "Báo, nhà xuất bản"),
        "estate_agent" | "property_management" => company("L", None, "Công ty bất động sản"),
        "travel_agent" => company("N", Some("7911"), "Đại lý du lịch"),
        "employment_agency" => company("N", None, "Giới thiệu việc làm"),
        "educational_institution" | "tutoring" => company("P", None, "Cơ sở giáo dục"),
        "construction_company" => company("F", None, "Công ty xây dựng"),
        "energy_supplier" => company("D", None, "Công ty điện"),
        "water_utility" => company("E", Some("3600"), "Công ty cấp nước"),
        // an office whose trade the tag leaves open: VSIC's section for administrative and support services
        _ => company("N", None, "Văn phòng công ty"),
    }
}

fn craft(value: &str) -> Trade {
    match value {
        "electrician" | "plumber" | "hvac" | "painter" | "roofer" | "tiler" | "builder" => trade_of("F", None, "Thợ xây dựng"),
        "photographer" => trade_of("M", Some("7420"), "Hiệu ảnh"),
        "shoemaker" | "watchmaker" | "key_cutter" | "electronics_repair" => trade_of("S", None, "Sửa chữa đồ dùng"),
        "caterer" => trade_of("I", Some("5621"), "Phục vụ tiệc"),
        _ => trade_of("C", None, "Cơ sở sản xuất thủ công"),
    }
}

fn amenity(value: &str) -> Option<Trade> {
    Some(match value {
        "restaurant" => trade_of("I", Some("5610"), "Nhà hàng"),
        "fast_food" | "food_court" => trade_of("I", Some("5610"), "Quán ăn"),
        "cafe" => trade_of("I", Some("5630"), "Quán cà phê"),
        "bar" | "pub" | "biergarten" => trade_of("I", Some("5630"), "Quán bia, quán rượu"),
        "ice_cream" => trade_of("I", Some("5610"), "Quán kem"),
        "bank" => company("K", Some("6419"), "Ngân hàng"),
        "bureau_de_change" | "money_transfer" => company("K", None, "Đổi tiền"),
        "pharmacy" => trade_of("G", Some("4772"), "Hiệu thuốc"),
        "fuel" => company("G", Some("4730"), "Trạm xăng"),
        "charging_station" => company("D", None, "Trạm sạc"),
        "doctors" | "dentist" => trade_of("Q", Some("8620"), "Phòng khám"),
        "veterinary" => trade_of("M", Some("7500"), "Phòng khám thú y"),
        "internet_cafe" => trade_of("J", None, "Quán internet"),
        "cinema" => company("J", Some("5914"), "Rạp chiếu phim"),
        "studio" => company("J", None, "Phòng thu"),
        "nightclub" | "karaoke_box" => trade_of("R", None, "Karaoke, vũ trường"),
        "casino" | "gambling" => company("R", Some("9200"), "Sòng bạc"),
        "car_wash" | "vehicle_inspection" => trade_of("G", Some("4520"), "Rửa xe, đăng kiểm"),
        "car_rental" => company("N", Some("7710"), "Cho thuê ô tô"),
        "bicycle_rental" | "motorcycle_rental" => trade_of("N", Some("7721"), "Cho thuê xe"),
        "driving_school" | "language_school" | "music_school" | "training" => trade_of("P", None, "Trung tâm đào tạo"),
        "childcare" => trade_of("P", None, "Nhóm trẻ"),
        "events_venue" | "conference_centre" => company("N", Some("8230"), "Trung tâm sự kiện"),
        "taxi" => company("H", None, "Taxi"),
        _ => return None,
    })
}

fn healthcare(value: &str) -> Option<Trade> {
    Some(match value {
        "doctor" | "dentist" => trade_of("Q", Some("8620"), "Phòng khám"),
        "pharmacy" => trade_of("G", Some("4772"), "Hiệu thuốc"),
        "laboratory" | "physiotherapist" | "alternative" | "optometrist" => trade_of("Q", None, "Dịch vụ y tế"),
        _ => return None,
    })
}

fn tourism(value: &str) -> Option<Trade> {
    Some(match value {
        "hotel" => company("I", Some("5510"), "Khách sạn"),
        "hostel" | "guest_house" | "motel" | "apartment" | "chalet" => trade_of("I", Some("5510"), "Nhà nghỉ"),
        "gallery" => trade_of("G", Some("4773"), "Phòng tranh"),
        _ => return None,
    })
}

fn leisure(value: &str) -> Option<Trade> {
    Some(match value {
        "fitness_centre" | "sports_hall" | "dance" => trade_of("R", Some("9311"), "Phòng tập"),
        "amusement_arcade" | "bowling_alley" | "escape_game" | "water_park" => trade_of("R", None, "Khu vui chơi"),
        "adult_gaming_centre" => trade_of("R", Some("9200"), "Trò chơi có thưởng"),
        "sauna" | "spa" => trade_of("S", None, "Xông hơi, mát-xa"),
        _ => return None,
    })
}
