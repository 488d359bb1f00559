//! Sales of desks and tills in one list, beside a list that is kept and searched naively.

use super::log::{Log, Sold, one_line, taken_back};
use daybook_schema::id::{PosId, SessionId, TxId};
use proptest::prelude::*;

/// What the naive list keeps of a sale.
#[derive(Clone, Debug)]
struct Kept {
    id: u64,
    seq: u64,
    sold: Sold,
    rows: u64,
}

type Step = (Sold, usize, usize);

fn step() -> impl Strategy<Value = Step> {
    let session = prop::option::of((1u32..4).prop_map(SessionId));
    let sold = (1u32..4, session).prop_map(|(pos, session)| Sold {
        pos: PosId(pos),
        session,
    });
    (sold, 1usize..6, 1usize..4)
}

fn fold(steps: &[Step]) -> (Log, Vec<Kept>) {
    let mut log = Log::default();
    let mut kept = Vec::new();
    for &(sold, rows, most) in steps {
        let seq = log.views.head.size;
        let id = log.sell(&sold, &vec![one_line(); rows], most);
        let rows = rows as u64;
        kept.push(Kept {
            id,
            seq,
            sold,
            rows,
        });
    }
    (log, kept)
}

proptest! {
    #[test]
    fn desks_list_their_own_sales_and_those_of_the_tills_beside_them(
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let (log, kept) = fold(&steps);
        let view = &log.views.transaction;
        for pos in (0..5).map(PosId) {
            let listed = kept.iter().filter(|k| k.sold.session.is_some() || k.sold.pos == pos);
            let listed: Vec<u64> = listed.map(|kept| kept.id).collect();
            let sales = view.sales(pos);
            prop_assert_eq!(sales.count(), listed.len());
            for skip in 0..listed.len() + 3 {
                let found: Vec<u64> = sales.skip(skip).map(|sale| sale.id().0).collect();
                prop_assert_eq!(&found[..], listed.get(skip..).unwrap_or_default());
            }
        }
    }

    #[test]
    fn a_sale_is_found_with_all_its_records(steps in prop::collection::vec(step(), 0..40)) {
        let (log, kept) = fold(&steps);
        let view = &log.views.transaction;
        for id in 0..=view.last_id().0 + 1 {
            let found = view.sale(TxId(id));
            let Some(kept) = kept.iter().find(|kept| kept.id == id) else {
                prop_assert!(found.is_none(), "{} is inside a sale", id);
                continue;
            };
            let found = found.unwrap();
            prop_assert_eq!((found.pos, found.session), (kept.sold.pos, kept.sold.session));
            let records: Vec<u64> = found.records().map(|record| record.id().0).collect();
            prop_assert_eq!(records, (id..id + kept.rows).collect::<Vec<_>>());
        }
        for seq in 0..=log.views.head.size {
            let found = view.sale_of_event(seq).map(|sale| sale.id().0);
            let desk = kept.iter().find(|kept| kept.seq == seq && kept.sold.session.is_some());
            prop_assert_eq!(found, desk.map(|kept| kept.id));
        }
    }
}

#[test]
fn records_know_what_took_them_back() {
    let sold = Sold {
        pos: PosId(1),
        session: Some(SessionId(1)),
    };
    let mut log = Log::default();
    log.sell(&sold, &[one_line(), one_line()], 1);
    log.sell(&sold, &[1, 2].map(|id| taken_back(&one_line(), id)), 1);
    let view = &log.views.transaction;
    let both = |id| {
        let sale = view.sale(TxId(id)).unwrap();
        let marks = sale.records().map(|r| (r.reverses(), r.reversed_by()));
        marks.collect::<Vec<_>>()
    };
    assert_eq!(both(1), [(None, Some(TxId(3))), (None, Some(TxId(4)))]);
    assert_eq!(both(3), [(Some(TxId(1)), None), (Some(TxId(2)), None)]);
}
