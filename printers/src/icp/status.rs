//! What the bit status and the error numbers of ICP devices say (vendor document).

/// Byte, bit, code (empty: only information), text.
pub(super) const BITS: &[(usize, u8, &str, &str)] = &[
    (0, 1, "", "Power failed while a receipt was open"),
    (0, 2, "E302", "Cover is open"),
    (0, 3, "E301", "No paper"),
    (0, 4, "E301", "No paper"),
    (0, 5, "", "Last command failed"),
    (0, 6, "E299", "Fiscal memory error"),
    (0, 7, "E199", "General error"),
    (1, 0, "", "Invoice mode"),
    (1, 1, "", "Receipt is partly paid"),
    (1, 2, "", "Receipt has lines"),
    (1, 3, "", "Daily turnover is present"),
    (1, 4, "", "Last command had a bad parameter"),
    (1, 5, "", "Daily registers are full"),
    (1, 6, "", "Overflow"),
    (1, 7, "E206", "Electronic journal is near its limit"),
    (2, 2, "", "Service contract ends within 15 days"),
    (2, 3, "", "Device is in its menu"),
    (2, 6, "", "Receipt is open"),
    (2, 7, "", "Invoice numbers are set"),
    (3, 0, "E105", "Data memory failure"),
    (3, 1, "E207", "Electronic journal error"),
    (3, 2, "E202", "Fiscal memory error"),
    (3, 3, "", "Device is fiscalised"),
    (3, 4, "W201", "Fiscal memory is nearly full"),
    (3, 5, "E201", "Fiscal memory is full"),
    (3, 6, "E103", "Clock is not set"),
    (3, 7, "E104", "Memory was reset"),
    (4, 7, "", "Summer time"),
];

/// The code of an error number; 0 is none.
pub(super) fn code(number: u16) -> &'static str {
    match number {
        7 => "E411",
        8 | 25 | 26 => "E406",
        28..=30 | 35..=39 | 48 | 104 => "E405",
        31 => "E412",
        52 => "E201",
        54 | 105 | 106 => "E404",
        61 | 85 => "E206",
        68 => "E301",
        81 => "E505",
        86 | 210..=226 => "E207",
        87 => "E503",
        88..=97 => "E599",
        101 => "E303",
        103 => "E102",
        201..=203 => "E202",
        204..=206 => "E203",
        1..=24 | 62 => "E403",
        _ => "E499",
    }
}

/// What the frequent error numbers mean; the others are told by their number alone.
pub(super) fn text(number: u16) -> &'static str {
    match number {
        4 => "Too many lines in the receipt",
        7 => "Tax group is not allowed",
        8 | 25 | 26 => "Payment is not accepted",
        28..=30 => "Not enough cash",
        31 => "Not possible on the subtotal",
        35..=39 | 48 => "A daily report is required first",
        52 => "Fiscal memory is full",
        54 | 105 | 106 => "Not allowed in this mode",
        61 | 85 => "Electronic journal is full",
        68 => "No paper",
        87 => "Three days without the tax server",
        88..=97 => "Device is deregistered",
        101 => "Printer failure",
        103 => "Battery is low",
        104 => "Unique sale number is not valid",
        201..=206 => "Fiscal memory failure",
        210..=226 => "Electronic journal failure",
        _ => "Command was refused",
    }
}
