//! What clients can call, and who may.

use super::Arrival;
use super::Door;
use super::client::Client;
use super::error::Fault;
use super::packet::Packet;
use super::presell::Builder;
use super::session;
use serde_json::json;

/// An endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    Login,
    Ignore,
    CancelRequest,
    OpenFirehose,
    CloseFirehose,
    SetFirehoseOption,
    GetInfo,
    Build(Builder),
}

/// The login: all that is listened to before it has succeeded.
pub(super) const LOGIN: &str = "fd1.session.login";

/// All endpoints, some under several names.
const ENDPOINTS: [(&str, Endpoint); 20] = [
    (LOGIN, Endpoint::Login),
    ("fd1.session.ignore", Endpoint::Ignore),
    ("fd1.session.cancel_request", Endpoint::CancelRequest),
    ("fd1.firehose.open_firehose", Endpoint::OpenFirehose),
    ("fd1.firehose.close_firehose", Endpoint::CloseFirehose),
    (
        "fd1.firehose.set_firehose_option",
        Endpoint::SetFirehoseOption,
    ),
    ("fd1.customerdisplay.get_info", Endpoint::GetInfo),
    (
        "fd1.salesbuilder.salesbuilder_create",
        Endpoint::Build(Builder::Create),
    ),
    (
        "fd1.salesbuilder.sale_create",
        Endpoint::Build(Builder::Create),
    ),
    (
        "fd1.salesbuilder.salesbuilder_add_product",
        Endpoint::Build(Builder::AddProduct),
    ),
    (
        "fd1.salesbuilder.sale_add_product",
        Endpoint::Build(Builder::AddProduct),
    ),
    (
        "fd1.salesbuilder.salesbuilder_set_customer",
        Endpoint::Build(Builder::SetCustomer),
    ),
    (
        "fd1.salesbuilder.sale_set_customer",
        Endpoint::Build(Builder::SetCustomer),
    ),
    (
        "fd1.salesbuilder.sale_fetch",
        Endpoint::Build(Builder::Fetch),
    ),
    (
        "fd1.salesbuilder.salesbuilder_complete",
        Endpoint::Build(Builder::Complete),
    ),
    (
        "fd1.salesbuilder.sale_park",
        Endpoint::Build(Builder::Complete),
    ),
    (
        "fd1.salesbuilder.salesbuilder_cancel",
        Endpoint::Build(Builder::Cancel),
    ),
    (
        "fd1.salesbuilder.sale_cancel",
        Endpoint::Build(Builder::Cancel),
    ),
    (
        "fd1.salesbuilder.salesbuilder_pay",
        Endpoint::Build(Builder::Pay),
    ),
    ("fd1.salesbuilder.sale_pay", Endpoint::Build(Builder::Pay)),
];

/// The names of each endpoint.
pub fn endpoints() -> impl Iterator<Item = Vec<&'static str>> {
    let same = ENDPOINTS.chunk_by(|one, next| one.1 == next.1);
    same.map(|names| names.iter().map(|(name, _)| *name).collect())
}

/// Answers a request of a socket that is logged in: what it is told, in order. The name is a known
/// word, for figures.
pub(super) async fn answer(
    (door, arrival): (&Door, Arrival),
    client: &mut Client,
    packet: &Packet,
) -> (&'static str, Result<Vec<String>, Fault>) {
    let Some(&(name, endpoint)) = ENDPOINTS.iter().find(|(name, _)| *name == packet.a) else {
        let a: String = packet.a.chars().take(80).collect();
        let fault = Fault::new("unknown_endpoint", format!("There is no endpoint {a}"));
        return ("unknown", Err(fault));
    };
    let one = |text: String| vec![text];
    let told = match endpoint {
        Endpoint::Ignore => Ok(Vec::new()),
        Endpoint::Login => log_in(door, arrival, client, packet).map(one),
        // Requests are answered one at a time: whatever could be cancelled is answered by now.
        Endpoint::CancelRequest => packet
            .key()
            .map(|k| one(packet.answer(&json!({ "k": k, "cancelled": false })))),
        Endpoint::GetInfo => Ok(one(client.info(packet))),
        Endpoint::Build(builder) => client.build(builder, packet).await.map(one),
        Endpoint::OpenFirehose | Endpoint::CloseFirehose | Endpoint::SetFirehoseOption => {
            firehose(endpoint, client, packet)
        }
    };
    (name, told)
}

fn firehose(
    endpoint: Endpoint,
    client: &mut Client,
    packet: &Packet,
) -> Result<Vec<String>, Fault> {
    let rights = client.rights();
    if !rights.firehose && !rights.display {
        return Err(Fault::not_allowed(
            "Tablets have no firehoses: open a normal socket",
        ));
    }
    match endpoint {
        Endpoint::OpenFirehose => client.open(packet),
        Endpoint::CloseFirehose => client.close(packet),
        _ => client.set(packet),
    }
}

/// A further login of a socket that is logged in.
fn log_in(
    door: &Door,
    arrival: Arrival,
    client: &mut Client,
    packet: &Packet,
) -> Result<String, Fault> {
    let asked = session::check(door, arrival, packet)?;
    let purpose = asked.login.purpose;
    client.join(asked)?;
    Ok(packet.answer(&client.welcome(purpose)))
}
