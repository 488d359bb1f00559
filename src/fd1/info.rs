//! What a customer display asks for first: the shop and its lane.

use daybook_projections::Views;
use daybook_schema::id::PosId;
use serde::Serialize;

/// The shop and a lane; what is not known is null, and never left out.
#[derive(Serialize)]
pub(super) struct Info {
    storename: Option<String>,
    address: Option<Vec<String>>,
    phone: Option<String>,
    taxid: Option<String>,
    lane: PosId,
    lanename: Option<String>,
    currency: Option<String>,
    decimals: Option<u32>,
    timezone: Option<String>,
    logourl: Option<String>,
    message: Option<String>,
}

impl Info {
    pub(super) fn of(views: &Views, lane: PosId) -> Self {
        let venue = views.instance.described();
        let setting = |key| {
            let value = views.instance.setting(key);
            value.filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let address = venue.and_then(|venue| venue.address.as_ref());
        let lanes = views.product.point_of_sale(lane);
        Self {
            storename: venue.map(|venue| venue.name.clone()),
            // One line in the catalogue, as people write it: "1 Main St, Sofia".
            address: address
                .map(|line| line.split(',').map(|part| part.trim().to_owned()).collect()),
            phone: setting("phone"),
            taxid: setting("tax_id"),
            lane,
            lanename: lanes.map(|pos| pos.name.clone()),
            currency: venue.map(|venue| venue.currency.code().to_owned()),
            decimals: venue.map(|venue| venue.currency.exponent()),
            timezone: venue.map(|venue| venue.time_zone.clone()),
            logourl: setting("logo_url"),
            message: setting("display_message"),
        }
    }
}
