//! The events behind `vectors/events.json`: one log with at least one event of every type.
//!
//! New samples go to the end, since the vectors are append-only.

use crate::event::{Actor, Event};
use crate::facts::{Fact, Tx};
use crate::hash::{Leaf, TxHash};
use crate::id::{KeyId, LogName, PosId, SessionId, TableId, TxId, UserId};
use crate::line::{self, SealedLine};
use crate::time::At;
use std::collections::BTreeMap;

/// Name of the vector, type, data. The hashes of transactions are filled in when the log is sealed.
#[rustfmt::skip] // One row, one line.
const SAMPLES: &[(&str, &str, &str)] = &[
    ("event 0", "instance.described", r#"{"address":"Am Deich 1, 20095 Hamburg","currency":"EUR","day_starts_at":"06:00","name":"Hafenfest","slug":"hafenfest","time_zone":"Europe/Berlin"}"#),
    ("a keyed hash instead of the key", "access.key_issued", r#"{"hash":"9c1c7f0e4e5d6a3b2c1d0e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d","id":1,"name":"Tills","scopes":["audit","pos"]}"#),
    ("a point of sale", "catalogue.point_of_sale_defined", r#"{"admin":false,"enabled":true,"id":3,"name":"Main bar","special":false}"#),
    ("a point of sale with a password", "catalogue.point_of_sale_defined", r#"{"admin":true,"enabled":true,"id":4294967295,"name":"Büro","password_hash":"0000000000000000000000000000000000000000000000000000000000000000","special":true}"#),
    ("a payment method", "catalogue.payment_method_defined", r#"{"color":"btn-success","id":1,"kind":"cash","name":"Bar","points_of_sale":[3,4294967295]}"#),
    ("a kind of two words", "catalogue.payment_method_defined", r#"{"color":"","id":2,"kind":"ext-coupons","name":"Gutschein","points_of_sale":[]}"#),
    ("a product with everything", "catalogue.product_defined", r#"{"crew_blocked":false,"deposit":true,"id":7,"modifiers":[{"id":1,"name":"without ice","price":0},{"id":2,"name":"large","price":150}],"name":"Cola 0.4","needs_receipt":true,"pack":[{"amount":1,"is_receipt":false,"name":"Cup","visible":true}],"points_of_sale":[3],"price":450,"receipt_name":"COLA","requires_authorization":false,"tax_group":2,"tax_rate":1900,"visible":true}"#),
    ("a negative price", "catalogue.product_defined", r#"{"crew_blocked":false,"deposit":false,"id":16,"modifiers":[],"name":"Deposit return","needs_receipt":false,"pack":[],"points_of_sale":[3],"price":-200,"receipt_name":"PFAND","requires_authorization":false,"tax_group":8,"tax_rate":0,"visible":true}"#),
    ("the smallest price, the largest rate", "catalogue.product_defined", r#"{"crew_blocked":true,"deposit":false,"id":0,"modifiers":[],"name":"","needs_receipt":false,"pack":[],"points_of_sale":[],"price":-999999999999999,"receipt_name":"","requires_authorization":true,"tax_group":1,"tax_rate":10000,"visible":false}"#),
    ("a deposit", "instance.deposit_set", r#"{"price":200,"product":15}"#),
    ("a sale of one line", "sale.recorded", r#"{"currency":"EUR","door":"concertpos","lines":[{"deposit":false,"name":"Cola 0.4","price":450,"quantity":2000,"tax_rate":1900,"total":900}],"part":1,"parts":1,"payment":{"id":1,"kind":"cash","name":"Bar"},"point_of_sale":{"id":3,"name":"Main bar"},"request":"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262","totals":{"gross":900,"taxes":[{"gross":900,"net":756,"rate":1900,"tax":144}]},"tx":[{"AmountMoney":9,"AmountProduct":2,"ID":1,"Note":null,"Payment_ID":1,"PointOfSaleID":3,"Product_ID":7,"hash":"","timestamp":""}]}"#),
    ("a sale with deposit, return and note", "sale.recorded", r#"{"currency":"EUR","door":"concertpos","lines":[{"deposit":false,"name":"Water","price":350,"quantity":1000,"tax_rate":1900,"total":350},{"deposit":true,"name":"Deposit","price":200,"quantity":1000,"tax_rate":0,"total":200},{"deposit":false,"name":"Deposit return","price":-5,"quantity":3000,"tax_rate":0,"total":-15}],"part":1,"parts":1,"payment":{"id":1,"kind":"card","name":"Card"},"point_of_sale":{"id":3,"name":"Main bar"},"totals":{"gross":535,"taxes":[{"gross":185,"net":185,"rate":0,"tax":0},{"gross":350,"net":294,"rate":1900,"tax":56}]},"tx":[{"AmountMoney":3.5,"AmountProduct":1,"ID":2,"Note":"says \"thanks\"\n\u2028🍺","Payment_ID":1,"PointOfSaleID":3,"Product_ID":8,"hash":"","timestamp":""},{"AmountMoney":2,"AmountProduct":1,"ID":3,"Note":null,"Payment_ID":1,"PointOfSaleID":3,"Product_ID":15,"hash":"","timestamp":""},{"AmountMoney":-0.15,"AmountProduct":3,"ID":4,"Note":"","Payment_ID":1,"PointOfSaleID":3,"Product_ID":16,"hash":"","timestamp":""}]}"#),
    ("the first part of a sale in two parts", "sale.recorded", r#"{"currency":"EUR","door":"concertpos","lines":[{"deposit":false,"name":"Ice","price":5,"quantity":1000,"tax_rate":700,"total":5}],"part":1,"parts":2,"payment":{"id":1,"kind":"cash","name":"Bar"},"point_of_sale":{"id":5,"name":"Kiosk"},"tx":[{"AmountMoney":0.05,"AmountProduct":1,"ID":5,"Note":null,"Payment_ID":1,"PointOfSaleID":5,"Product_ID":9,"hash":"","timestamp":""}]}"#),
    ("the last part, with the largest amount", "sale.recorded", r#"{"currency":"EUR","door":"concertpos","lines":[{"deposit":false,"name":"Gold","price":999999999999994,"quantity":1000,"tax_rate":0,"total":999999999999994}],"part":2,"parts":2,"payment":{"id":1,"kind":"cash","name":"Bar"},"point_of_sale":{"id":5,"name":"Kiosk"},"totals":{"gross":999999999999999,"taxes":[{"gross":999999999999994,"net":999999999999994,"rate":0,"tax":0},{"gross":5,"net":5,"rate":700,"tax":0}]},"tx":[{"AmountMoney":9999999999999.94,"AmountProduct":1,"ID":6,"Note":null,"Payment_ID":1,"PointOfSaleID":5,"Product_ID":10,"hash":"","timestamp":""}]}"#),
    ("characters with a short escape", "instance.message_sent", r#"{"text":"\" \\ / \b \f \n \r \t"}"#),
    ("characters with a long escape", "instance.message_sent", r#"{"text":"\u0000 \u0001 \u000b \u000e \u001b \u001f"}"#),
    ("characters that stay as they are", "instance.message_sent", r#"{"text":"\u007f \u0080 \u00e9 e\u0301 \u2028 \u2029 \ud7ff \ue000 \uffff"}"#),
    ("characters above the basic plane", "instance.message_sent", r#"{"text":"🍺 👩‍🚀 \ud800\udc00 \udbff\udfff"}"#),
    ("an empty text", "instance.setting_set", r#"{"key":"ticket_limit","value":""}"#),
    ("a setting cleared", "instance.setting_cleared", r#"{"key":"ticket_limit"}"#),
    ("a licence without end", "instance.licensed", r#"{"active":true,"created":"1970-01-01T00:00:00.000000Z","key":"AB12-CD34","limits":{"devices":0,"payment_methods":0,"points_of_sale":0,"products":0,"tickets":4294967295},"name":"Open Air","type":"standard"}"#),
    ("a licence with the last moment", "instance.licensed", r#"{"active":false,"created":"2024-02-29T23:59:59.999999Z","expires":"9999-12-31T23:59:59.999999Z","key":"","limits":{"devices":1,"payment_methods":2,"points_of_sale":3,"products":4,"tickets":5},"name":"","type":""}"#),
    ("a licence withdrawn", "instance.license_withdrawn", "{}"),
    ("a deposit cleared", "instance.deposit_cleared", "{}"),
    ("a device nowhere", "access.device_registered", r#"{"uuid":"tablet \"4\""}"#),
    ("a device at a point of sale", "access.device_registered", r#"{"point_of_sale":3,"uuid":"6f1c"}"#),
    ("a user", "access.user_defined", r#"{"badge_hash":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","id":1,"name":"Ada Example","roles":["cashier","troubleshooter"],"username":"ada"}"#),
    ("a cash desk", "catalogue.cash_desk_defined", r#"{"id":2,"ip_address":"192.0.2.7","name":"Entrance","point_of_sale":3,"printer":"fp-1"}"#),
    ("a session", "session.opened", r#"{"cash_before":5000,"cash_desk":2,"id":1,"token_hash":"1111111111111111111111111111111111111111111111111111111111111111","user":1}"#),
    ("a printer", "catalogue.printer_defined", r#"{"id":"fp-1","uri":"zfplab://tcp/192.0.2.9:8000"}"#),
    ("a printer withdrawn", "catalogue.printer_withdrawn", r#"{"id":"fp-1"}"#),
    ("a quota", "catalogue.quota_defined", r#"{"id":1,"name":"Day tickets","products":[3,7],"size":500}"#),
    ("a quota withdrawn", "catalogue.quota_withdrawn", r#"{"id":1}"#),
    ("a window open at the end", "catalogue.time_constraint_defined", r#"{"id":1,"name":"From ten","products":[3],"start":"2026-05-01T08:00:00.000000Z"}"#),
    ("a window withdrawn", "catalogue.time_constraint_withdrawn", r#"{"id":1}"#),
    ("a warning", "catalogue.warning_constraint_defined", r#"{"id":1,"message":"Ask for the age","products":[{"product":7}]}"#),
    ("a warning withdrawn", "catalogue.warning_constraint_withdrawn", r#"{"id":1}"#),
    ("a list with a price that buys free", "catalogue.list_constraint_defined", r#"{"id":1,"name":"Members","products":[{"price":1200,"product":3,"tax_rate":1900}]}"#),
    ("an entry of a list", "catalogue.list_entry_defined", r#"{"id":9,"identifier":"12345","list":1,"name":"Ada Example"}"#),
    ("a list withdrawn", "catalogue.list_constraint_withdrawn", r#"{"id":1}"#),
    ("a waiter", "catalogue.waiter_defined", r#"{"id":1,"name":"Zoë"}"#),
    ("a table with a waiter", "catalogue.table_defined", r#"{"id":12,"max_guests":4,"name":"12","point_of_sale":3,"waiter":1}"#),
    ("a table alone", "catalogue.table_defined", r#"{"id":13,"max_guests":0,"name":"13"}"#),
    ("a table withdrawn", "catalogue.table_withdrawn", r#"{"id":13}"#),
    ("a waiter withdrawn", "catalogue.waiter_withdrawn", r#"{"id":1}"#),
    ("a preorder", "preorder.placed", r#"{"id":1,"is_canceled":false,"is_paid":false,"order_code":"A1B2C","positions":[{"id":1,"price":2300,"product":3,"secret":"abcdefgh"},{"id":2,"product":3,"secret":"ijklmnop"}],"warning_text":""}"#),
    ("a product withdrawn", "catalogue.product_withdrawn", r#"{"id":7}"#),
    ("a payment method withdrawn", "catalogue.payment_method_withdrawn", r#"{"id":2}"#),
    ("a cash desk withdrawn", "catalogue.cash_desk_withdrawn", r#"{"id":2}"#),
    ("a point of sale withdrawn", "catalogue.point_of_sale_withdrawn", r#"{"id":4294967295}"#),
    ("a user withdrawn", "access.user_withdrawn", r#"{"id":1}"#),
    ("a key revoked", "access.key_revoked", r#"{"id":1}"#),
    ("a clock that fell behind", "instance.clock_stepped", r#"{"from":"2026-05-01T10:00:07.500025Z","to":"2026-05-01T09:59:59.000000Z"}"#),
    ("a pack item that stock counts", "catalogue.product_defined", r#"{"crew_blocked":false,"deposit":false,"id":3,"modifiers":[],"name":"Day ticket","needs_receipt":true,"pack":[{"amount":2,"id":5,"is_receipt":false,"name":"Voucher","visible":true},{"amount":1,"is_receipt":true,"name":"Ticket","visible":false}],"points_of_sale":[3],"price":2300,"receipt_name":"Day ticket","requires_authorization":true,"tax_group":2,"tax_rate":1900,"visible":true}"#),
    ("a cash desk where nobody may work", "catalogue.cash_desk_defined", r#"{"id":3,"inactive":true,"name":"Spare","point_of_sale":3}"#),
    ("a session that starts later", "session.opened", r#"{"cash_before":0,"cash_desk":3,"id":2,"starts":"2026-05-02T06:00:00.000000Z","token_hash":"2222222222222222222222222222222222222222222222222222222222222222","user":1}"#),
    ("a ticket upgraded, a ticket sold", "sale.recorded", r#"{"cash_given":5000,"currency":"EUR","door":"cashdesk","lines":[{"deposit":false,"items":[{"amount":2000,"id":5,"name":"Voucher"},{"amount":1000,"hidden":true,"name":"Ticket"}],"name":"Member ticket","price":1200,"quantity":1000,"tax_rate":1900,"ticket":{"is_paid":true,"position":1,"preorder":1,"secret":"abcdefgh"},"total":1200},{"authorized_by":1,"deposit":false,"list_entry":9,"name":"Day ticket","price":2300,"quantity":1000,"tax_rate":1900,"total":2300}],"part":1,"parts":1,"payment":{"id":1,"kind":"cash","name":"Bar"},"point_of_sale":{"id":3,"name":"Main bar"},"request":"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262","session":1,"totals":{"gross":3500,"taxes":[{"gross":3500,"net":2941,"rate":1900,"tax":559}]},"tx":[{"AmountMoney":12,"AmountProduct":1,"ID":7,"Note":null,"Payment_ID":1,"PointOfSaleID":3,"Product_ID":4,"hash":"","timestamp":""},{"AmountMoney":23,"AmountProduct":1,"ID":8,"Note":null,"Payment_ID":1,"PointOfSaleID":3,"Product_ID":3,"hash":"","timestamp":""}]}"#),
    ("the sale taken back", "sale.reversed", r#"{"currency":"EUR","door":"cashdesk","lines":[{"deposit":false,"items":[{"amount":-2000,"id":5,"name":"Voucher"},{"amount":-1000,"hidden":true,"name":"Ticket"}],"name":"Member ticket","price":-1200,"quantity":1000,"reverses":{"hash":"","id":7},"tax_rate":1900,"ticket":{"is_paid":true,"position":1,"preorder":1,"secret":"abcdefgh"},"total":-1200},{"deposit":false,"list_entry":9,"name":"Day ticket","price":-2300,"quantity":1000,"reverses":{"hash":"","id":8},"tax_rate":1900,"total":-2300}],"part":1,"parts":1,"payment":{"id":1,"kind":"cash","name":"Bar"},"point_of_sale":{"id":3,"name":"Main bar"},"session":1,"totals":{"gross":-3500,"taxes":[{"gross":-3500,"net":-2941,"rate":1900,"tax":-559}]},"tx":[{"AmountMoney":-12,"AmountProduct":1,"ID":9,"Note":null,"Payment_ID":1,"PointOfSaleID":3,"Product_ID":4,"hash":"","timestamp":""},{"AmountMoney":-23,"AmountProduct":1,"ID":10,"Note":null,"Payment_ID":1,"PointOfSaleID":3,"Product_ID":3,"hash":"","timestamp":""}]}"#),
    ("the first part of a reversal of pieces", "sale.reversed", r#"{"currency":"EUR","door":"cashdesk","lines":[{"deposit":false,"name":"Cola 0.4","price":-450,"quantity":2000,"reverses":{"hash":"","id":1},"tax_rate":1900,"total":-900}],"part":1,"parts":2,"payment":{"id":1,"kind":"cash","name":"Bar"},"point_of_sale":{"id":3,"name":"Main bar"},"session":1,"tx":[{"AmountMoney":-9,"AmountProduct":2,"ID":11,"Note":null,"Payment_ID":1,"PointOfSaleID":3,"Product_ID":7,"hash":"","timestamp":""}]}"#),
    ("its last part", "sale.reversed", r#"{"currency":"EUR","door":"cashdesk","lines":[{"deposit":false,"name":"Deposit return","price":5,"quantity":3000,"reverses":{"hash":"","id":4},"tax_rate":0,"total":15}],"part":2,"parts":2,"payment":{"id":1,"kind":"cash","name":"Bar"},"point_of_sale":{"id":3,"name":"Main bar"},"session":1,"totals":{"gross":-885,"taxes":[{"gross":15,"net":15,"rate":0,"tax":0},{"gross":-900,"net":-756,"rate":1900,"tax":-144}]},"tx":[{"AmountMoney":0.15,"AmountProduct":3,"ID":12,"Note":null,"Payment_ID":1,"PointOfSaleID":3,"Product_ID":16,"hash":"","timestamp":""}]}"#),
    ("a drawer opened", "cash.drawer_opened", r#"{"session":1}"#),
    ("a copy of a receipt", "receipt.copy_requested", r#"{"request":"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262","session":1,"transaction":7}"#),
    ("a pack with a troubleshooter", "catalogue.supply_pack_defined", r#"{"amount":100,"id":1,"identifier":"P-17","item":5,"state":"troubleshooter"}"#),
    ("more items wanted", "supply.requested", r#"{"session":1}"#),
    ("a pack used", "supply.used", r#"{"amount":100,"item":5,"pack":1,"session":1}"#),
    ("the next customer", "display.advanced", r#"{"session":1}"#),
    ("a ping", "ping.sent", r#"{"id":1,"secret":"/ping Ab3dEf6hIj9kLm","session":1}"#),
    ("a ping scanned", "ping.answered", r#"{"id":1}"#),
    ("a ping that anyone took note of", "ping.synced", r#"{"id":1}"#),
    ("a session ended and counted", "session.closed", r#"{"cash_after":8500,"id":1}"#),
    ("a session ended uncounted", "session.closed", r#"{"id":2}"#),
    ("a guest calls", "waiter.called", r#"{"hash":"0xd8833dd3","table":{"id":1000028,"max_guests":50,"name":"6"}}"#),
    ("an order with a modifier", "order.extended", r#"{"added":[{"count":2000,"modifiers":[{"count":1000,"id":502,"name":"Двойной сыр","price":4000,"total":4000}],"name":"Блюдо","price":15000,"product":1000041,"tax_rate":2000,"total":34000},{"count":375,"name":"Сыр","price":100,"product":1000062,"tax_rate":2000,"total":38}],"guid":"{F4CE1102-50DC-48F7-A8E0-74DD68A7D8C1}","hash":"0xb22ce428","invoice":122,"opened":74,"request":"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262","table":{"id":1000028,"max_guests":50,"name":"6"},"unpaid":34038,"waiter":{"id":9001,"name":"Система"}}"#),
    ("a payment begun", "payment.started", r#"{"amount":34000,"guid":"{F4CE1102-50DC-48F7-A8E0-74DD68A7D8C1}","payment":"8d2e1c0f4b6a79581122334455667788","table":{"id":1000028,"max_guests":50,"name":"6"}}"#),
    ("a payment of a part", "payment.received", r#"{"amount":34000,"guid":"{F4CE1102-50DC-48F7-A8E0-74DD68A7D8C1}","hash":"0xa1fb9fc1","method":{"id":2,"kind":"card","name":"Онлайн"},"name":"Card","opened":74,"payment":"8d2e1c0f4b6a79581122334455667788","table":{"id":1000028,"max_guests":50,"name":"6"},"unpaid":38}"#),
    ("a payment too much", "payment.exceeded", r#"{"amount":34000,"guid":"{F4CE1102-50DC-48F7-A8E0-74DD68A7D8C1}","payment":"99887766554433221100ffeeddccbbaa","table":{"id":1000028,"max_guests":50,"name":"6"}}"#),
    ("a tablet's sale", "presell.opened", r#"{"external_id":"tablet-7","id":1,"point_of_sale":3}"#),
    ("a line of it", "presell.line_added", r#"{"id":1,"name":"Cola 0.4","price":450,"product":7,"quantity":2000,"tax_rate":1900,"total":900}"#),
    ("its customer", "presell.customer_set", r#"{"customer":"C-17","id":1}"#),
    ("handed to the lane", "presell.handed_over", r#"{"id":1}"#),
    ("completed by the lane", "presell.completed", r#"{"id":1,"transaction":13}"#),
    ("a tablet's sale without a name", "presell.opened", r#"{"id":2,"point_of_sale":3}"#),
    ("abandoned", "presell.abandoned", r#"{"id":2}"#),
    ("a product of the bar", "catalogue.product_defined", r#"{"category":"bar","crew_blocked":false,"deposit":false,"id":17,"modifiers":[],"name":"Tea","needs_receipt":true,"pack":[],"points_of_sale":[3],"price":300,"receipt_name":"TEA","requires_authorization":false,"tax_group":2,"tax_rate":700,"visible":true}"#),
    ("a point of sale with a printer", "catalogue.point_of_sale_defined", r#"{"admin":false,"enabled":true,"id":6,"name":"Counter","printer":"FP_Room1","special":false}"#),
    ("a printer that prints by itself", "catalogue.printer_defined", r#"{"copies":1,"drawer":true,"id":"FP_Room1","receipts":"needed","uri":"bg.dt.x.isl.tcp://192.0.2.9:4999"}"#),
    ("a kitchen's printer", "catalogue.printer_defined", r#"{"categories":["bar","kitchen"],"code_page":"cp1251","columns":32,"header":["Küche","Am Deich 1"],"id":"kitchen","receipts":"all","uri":"escpos.tcp://192.0.2.10:9100"}"#),
    ("a receipt's number", "receipt.numbered", r#"{"number":1,"sale":7,"task":"daybook:sale:7"}"#),
    ("a receipt to be printed", "print.requested", r#"{"job":{"receipt":{"items":[{"sale":{"code":999,"department":0,"quantity":1000,"tax_group":2,"text":"Cheese","unit_price":1200}},{"comment":"Additional comment to the cheese"},{"sale":{"code":17,"department":3,"modifier":{"percent":-1000},"quantity":2000,"tax_group":2,"text":"Мляко","unit_price":1000}},{"subtotal":-20},{"footer":"Thank you"}],"number":1,"operator":"1","payments":[{"amount":3200,"kind":"cash"},{"amount":-220}],"secret":true,"unique_sale_number":"DT279013-DD01-0000001"}},"printer":"FP_Room1","sale":7,"task":"daybook:sale:7"}"#),
    ("a task that a client named", "print.requested", r#"{"deadline":"2026-05-01T10:00:39.000000Z","job":{"receipt":{"items":[{"sale":{"code":999,"department":0,"modifier":{"amount":150},"quantity":375,"tax_group":8,"text":"x","unit_price":1}}],"payments":[{"kind":"card"}]}},"node":"exon","printer":"dt279013","request":"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262","task":"a-1"}"#),
    ("a task begun", "print.started", r#"{"before":"0000084","device":"DT279013","node":"exon","task":"daybook:sale:7","unique_sale_number":"DT279013-DD01-0000001"}"#),
    ("what was said", "print.spoken", r#"{"frames":[">0124214A0530303934","<15"],"task":"daybook:sale:7"}"#),
    ("a receipt printed", "print.printed", r#"{"amount":2980,"fiscal_memory":"02279013","messages":[{"code":"W301","level":"warning","original":"-1","text":"Low paper"},{"level":"info","text":"FM is formatted"}],"number":"0000085","task":"daybook:sale:7","time":"2026-05-01T12:00:00"}"#),
    ("a reversal to be printed", "print.requested", r#"{"job":{"reversal":{"original":{"paper":{"fiscal_memory":"02279013","number":"0000085","time":"2026-05-01T12:00:00"}},"reason":"refund","receipt":{"items":[],"payments":[]}}},"printer":"FP_Room1","task":"a-2"}"#),
    ("a reversal of what was printed here", "print.requested", r#"{"job":{"reversal":{"original":{"request":103},"reason":"tax-base-reduction","receipt":{"items":[],"payments":[]}}},"printer":"FP_Room1","task":"a-3"}"#),
    ("a task that failed", "print.failed", r#"{"messages":[{"code":"E301","level":"error","text":"Out of paper"}],"task":"a-2"}"#),
    ("a task begun on a printer that numbers nothing", "print.started", r#"{"node":"exon","task":"a-3"}"#),
    ("nobody knows", "print.unknown", r#"{"messages":[],"task":"a-3"}"#),
    ("a copy to be printed", "print.requested", r#"{"job":{"copy":{"copy":1,"of":103}},"printer":"FP_Room1","task":"a-4"}"#),
    ("a ticket to be printed", "print.requested", r#"{"job":{"ticket":{"items":[],"payments":[]}},"printer":"kitchen","task":"a-5"}"#),
    ("money in", "print.requested", r#"{"job":{"deposit":{"amount":5000,"operator":"1","secret":true}},"printer":"FP_Room1","task":"a-6"}"#),
    ("money out", "print.requested", r#"{"job":{"withdraw":{"amount":1}},"printer":"FP_Room1","task":"a-7"}"#),
    ("a clock to be set", "print.requested", r#"{"job":{"datetime":{"time":"2026-05-01T12:00:00"}},"printer":"FP_Room1","task":"a-8"}"#),
    ("a clock to be set to now", "print.requested", r#"{"job":{"datetime":{}},"printer":"FP_Room1","task":"a-9"}"#),
    ("a command of the device", "print.requested", r#"{"job":{"raw":{"command":"VT"}},"printer":"FP_Room1","task":"a-10"}"#),
    ("its answer", "print.printed", r#"{"messages":[],"response":"1,2\t3","task":"a-10"}"#),
    ("what is in the drawer", "print.requested", r#"{"job":"cash","printer":"FP_Room1","task":"a-11"}"#),
    ("a drawer", "print.requested", r#"{"job":"drawer","printer":"FP_Room1","task":"a-12"}"#),
    ("a duplicate", "print.requested", r#"{"job":"duplicate","printer":"FP_Room1","task":"a-13"}"#),
    ("a reset", "print.requested", r#"{"job":"reset","printer":"FP_Room1","task":"a-14"}"#),
    ("a report", "print.requested", r#"{"job":"xreport","printer":"FP_Room1","task":"a-15"}"#),
    ("the day's end", "print.requested", r#"{"job":"zreport","printer":"FP_Room1","task":"a-16"}"#),
];

/// The samples as one log, each with its name.
pub(super) fn log() -> Vec<(&'static str, Event, SealedLine)> {
    let log = LogName::new("hafenfest").unwrap();
    let actors = [
        Actor::Operator,
        Actor::Key(KeyId(1)),
        Actor::Session(SessionId(4_294_967_295)),
        Actor::Table(TableId(0)),
        Actor::User(UserId(12)),
    ];
    let mut heads = BTreeMap::<PosId, TxHash>::new();
    let mut hashes = BTreeMap::<TxId, TxHash>::new();
    let mut prev = Leaf::ZERO;
    let mut sealed = Vec::new();
    for (seq, (name, type_name, data)) in (0u64..).zip(SAMPLES) {
        // Two neighbours share a time, and the last microsecond of a second is among them.
        let at = At::from_micros(1_777_629_600_999_999 + i64::try_from(seq / 2).unwrap() * 250_001);
        let data = data
            .replace(r#""hash":"""#, &format!(r#""hash":"{}""#, TxHash::ZERO))
            .replace(
                r#""timestamp":"""#,
                &format!(r#""timestamp":"{}""#, at.second()),
            );
        let mut fact = Fact::read(type_name, &data)
            .unwrap()
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        if let Fact::SaleRecorded(sale) | Fact::SaleReversed(sale) = &mut fact {
            for reversed in sale
                .lines
                .iter_mut()
                .filter_map(|line| line.reverses.as_mut())
            {
                reversed.hash = hashes[&reversed.id];
            }
            for tx in &mut sale.tx {
                chain(tx, &log, &mut heads);
                hashes.insert(tx.id, tx.hash);
            }
        }
        let cmd = match *name {
            "the first part of a sale in two parts" | "the last part, with the largest amount" => {
                "concertpos/5/till2-000481".to_owned()
            }
            "the first part of a reversal of pieces" | "its last part" => {
                "cashdesk/1/transactions/1/reverse/desk1-7".to_owned()
            }
            "an empty text" => String::new(),
            _ => format!("{seq:032x}"),
        };
        let by = match fact {
            Fact::ClockStepped(_) => Actor::Ledger,
            Fact::PingSynced(_) => Actor::Anyone,
            _ => actors[usize::try_from(seq).unwrap() % actors.len()],
        };
        let event = Event {
            at,
            by,
            cmd,
            fact,
            log: log.clone(),
            prev,
            seq,
        };
        let line = line::seal(&event).unwrap();
        prev = line.leaf;
        sealed.push((*name, event, line));
    }
    sealed
}

fn chain(tx: &mut Tx, log: &LogName, heads: &mut BTreeMap<PosId, TxHash>) {
    let head = heads.entry(tx.point_of_sale_id).or_default();
    tx.hash = tx.hash_after(log, head);
    *head = tx.hash;
}
