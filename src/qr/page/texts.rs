//! What guests read, in the languages of the page. One table; `{}` is replaced by what it is about.

use serde::Serialize;

/// The setting of an instance that names its language.
pub const LANGUAGE_SETTING: &str = "language";

macro_rules! texts {
    ($($name:ident: $en:literal, $de:literal, $ru:literal, $bg:literal;)*) => {
        /// All texts in one language.
        #[derive(Debug, Serialize)]
        pub struct Texts {
            $(#[doc = concat!("In English: ", $en)] pub $name: &'static str,)*
        }

        const EN: Texts = Texts { $($name: $en,)* };
        const DE: Texts = Texts { $($name: $de,)* };
        const RU: Texts = Texts { $($name: $ru,)* };
        const BG: Texts = Texts { $($name: $bg,)* };
    };
}

texts! {
    lang: "en", "de", "ru", "bg";
    table: "Table {}", "Tisch {}", "Стол {}", "Маса {}";
    menu: "Menu", "Speisekarte", "Меню", "Меню";
    menu_empty: "The menu is empty at the moment.", "Die Karte ist gerade leer.",
        "Меню сейчас пусто.", "Менюто в момента е празно.";
    loading: "One moment…", "Einen Moment…", "Секунду…", "Един момент…";
    add: "Add", "Hinzufügen", "Добавить", "Добави";
    add_dish: "Add {}", "{} hinzufügen", "Добавить: {}", "Добави: {}";
    extras: "Extras", "Extras", "Добавки", "Добавки";
    count: "How many", "Anzahl", "Количество", "Брой";
    less: "One less", "Eins weniger", "Меньше", "По-малко";
    more: "One more", "Eins mehr", "Больше", "Повече";
    cart: "Your choice", "Ihre Auswahl", "Ваш выбор", "Вашият избор";
    cart_empty: "Nothing chosen yet.", "Noch nichts ausgewählt.", "Пока ничего не выбрано.",
        "Още нищо не е избрано.";
    order: "Order", "Bestellen", "Заказать", "Поръчай";
    ordering: "Sending your order…", "Die Bestellung wird gesendet…", "Отправляем заказ…",
        "Изпращаме поръчката…";
    ordered: "Thank you, your order has arrived.", "Danke, Ihre Bestellung ist angekommen.",
        "Спасибо, заказ принят.", "Благодарим, поръчката е приета.";
    call: "Call the waiter", "Bedienung rufen", "Позвать официанта", "Повикай сервитьор";
    called: "The waiter has been called.", "Die Bedienung ist gerufen.", "Официант уже идёт.",
        "Сервитьорът е повикан.";
    bill: "Bill", "Rechnung", "Счёт", "Сметка";
    bill_empty: "Nothing has been ordered yet.", "Noch nichts bestellt.",
        "Пока ничего не заказано.", "Още нищо не е поръчано.";
    total: "Total", "Summe", "Итого", "Общо";
    paid: "Paid", "Bezahlt", "Оплачено", "Платено";
    due: "Still due", "Noch offen", "К оплате", "За плащане";
    pay: "Pay {}", "{} bezahlen", "Оплатить {}", "Плати {}";
    pay_on: "Go on paying {}", "{} weiter bezahlen", "Продолжить оплату: {}", "Продължи плащането: {}";
    paying: "Taking you to the payment…", "Weiter zur Zahlung…", "Переходим к оплате…",
        "Преминаваме към плащане…";
    pending: "A payment of {} has been started and is not confirmed yet.",
        "Eine Zahlung über {} wurde begonnen und ist noch nicht bestätigt.",
        "Оплата {} начата, но ещё не подтверждена.",
        "Плащане на {} е започнато и още не е потвърдено.";
    thanks: "Thank you, your payment has arrived.", "Danke, Ihre Zahlung ist angekommen.",
        "Спасибо, оплата получена.", "Благодарим, плащането е получено.";
    pay_waiter: "Please pay the waiter.", "Bitte bezahlen Sie bei der Bedienung.",
        "Пожалуйста, оплатите счёт официанту.", "Моля, платете на сервитьора.";
    close: "Close", "Schließen", "Закрыть", "Затвори";
    retrying: "No connection. Trying again…", "Keine Verbindung. Neuer Versuch…",
        "Нет связи. Пробуем ещё раз…", "Няма връзка. Опитваме отново…";
    retry: "Try again", "Erneut versuchen", "Повторить", "Опитай отново";
    unsent: "It is not certain that this arrived. “Try again” never orders twice.",
        "Es ist nicht sicher, ob das angekommen ist. „Erneut versuchen“ bestellt nie doppelt.",
        "Неизвестно, дошло ли это. «Повторить» никогда не закажет дважды.",
        "Не е сигурно дали това е пристигнало. „Опитай отново“ никога не поръчва два пъти.";
    too_many: "That was a lot at once. Please wait a minute.",
        "Das war viel auf einmal. Bitte warten Sie eine Minute.",
        "Слишком много запросов. Подождите минуту.", "Твърде много заявки. Изчакайте минута.";
    sold_out: "No longer available, and taken out of your choice: {}",
        "Nicht mehr erhältlich und aus Ihrer Auswahl genommen: {}",
        "Больше нет, убрано из вашего выбора: {}", "Вече не се предлага и е махнато от избора: {}";
    changed: "The bill has changed. Please look again.",
        "Die Rechnung hat sich geändert. Bitte sehen Sie noch einmal nach.",
        "Счёт изменился. Проверьте, пожалуйста.", "Сметката се промени. Моля, проверете.";
    failed: "That did not work. Please call the waiter.",
        "Das hat nicht geklappt. Bitte rufen Sie die Bedienung.",
        "Не получилось. Позовите, пожалуйста, официанта.",
        "Не се получи. Моля, повикайте сервитьор.";
    gone_title: "This link is not valid", "Dieser Link gilt nicht", "Ссылка недействительна",
        "Връзката е невалидна";
    gone: "Please scan the code on your table again, or ask the waiter.",
        "Bitte scannen Sie den Code auf Ihrem Tisch noch einmal oder fragen Sie die Bedienung.",
        "Отсканируйте код на столе ещё раз или спросите официанта.",
        "Сканирайте отново кода на масата или попитайте сервитьора.";
    no_script: "This page needs JavaScript. Please order with the waiter.",
        "Diese Seite braucht JavaScript. Bitte bestellen Sie bei der Bedienung.",
        "Для этой страницы нужен JavaScript. Сделайте заказ у официанта.",
        "Тази страница се нуждае от JavaScript. Моля, поръчайте при сервитьора.";
    test_title: "Test payment", "Testzahlung", "Тестовая оплата", "Тестово плащане";
    test_note: "No money moves here: this page stands for a payment provider.",
        "Hier fließt kein Geld: Diese Seite steht für einen Zahlungsdienst.",
        "Деньги здесь не списываются: страница заменяет платёжный сервис.",
        "Тук не се плащат пари: страницата замества платежна услуга.";
    cancel: "Cancel", "Abbrechen", "Отмена", "Отказ";
    scan: "Menu, order and bill: scan with your phone", "Karte, Bestellung, Rechnung: mit dem Handy scannen",
        "Меню, заказ, счёт: наведите телефон", "Меню, поръчка, сметка: сканирайте с телефона";
}

/// The texts of a language; English when it is none of ours.
#[must_use]
pub fn texts(language: &str) -> &'static Texts {
    let wanted = language.trim().to_ascii_lowercase();
    let wanted = wanted.split(['-', '_']).next().unwrap_or_default();
    let all = [&EN, &DE, &RU, &BG];
    all.into_iter()
        .find(|texts| texts.lang == wanted)
        .unwrap_or(&EN)
}

/// The texts for a browser that says which languages it would like, in its order.
pub(super) fn texts_for(accept_language: &str) -> &'static Texts {
    let wishes = accept_language
        .split(',')
        .filter_map(|wish| wish.split(';').next());
    let mut ours = wishes.map(|wish| (wish.trim(), texts(wish)));
    let found = ours.find(|(wish, texts)| wish.to_ascii_lowercase().starts_with(texts.lang));
    found.map_or(&EN, |(_, texts)| texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_text_has_its_place_in_every_language() {
        let english = serde_json::to_value(&EN).unwrap();
        for texts in [&DE, &RU, &BG] {
            let texts = serde_json::to_value(texts).unwrap();
            for (name, text) in texts.as_object().unwrap() {
                let places = |text: &Value| text.as_str().unwrap().matches("{}").count();
                assert_eq!(places(text), places(&english[name]), "{name}");
                assert!(!text.as_str().unwrap().contains("  "), "{name}");
            }
        }
    }

    #[test]
    fn languages_are_found_as_people_and_browsers_write_them() {
        for (given, lang) in [
            ("de", "de"),
            (" RU ", "ru"),
            ("bg-BG", "bg"),
            ("de_AT", "de"),
            ("fr", "en"),
            ("", "en"),
        ] {
            assert_eq!(texts(given).lang, lang, "{given}");
        }
        for (given, lang) in [
            ("fr-FR,fr;q=0.9,ru;q=0.8,en;q=0.7", "ru"),
            ("en-GB,de;q=0.5", "en"),
            ("de-CH", "de"),
            ("fr", "en"),
            ("", "en"),
            (";;,,", "en"),
        ] {
            assert_eq!(texts_for(given).lang, lang, "{given}");
        }
    }
}
