//! A guest's phone: a page in a browser profile of its own, used with finger and keys.

use super::chromium::Browser;
use base64::Engine;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// How long a page may take to show something.
const PATIENCE: Duration = Duration::from_secs(30);

/// The browser's code for what it cannot do at this moment, such as asking a page that is being left,
/// or taking a picture of one that has yet to be painted.
const NOT_NOW: i64 = -32_000;

/// A page that is open.
pub(super) struct Phone {
    session: String,
}

impl Phone {
    /// A phone that knows nothing yet, at an address.
    pub(super) async fn open(browser: &mut Browser, url: &str) -> Self {
        let context = browser
            .call(None, "Target.createBrowserContext", json!({}))
            .await;
        let target =
            json!({ "url": "about:blank", "browserContextId": context["browserContextId"] });
        let target = browser.call(None, "Target.createTarget", target).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call(None, "Target.attachToTarget", attach).await;
        let phone = Self {
            session: attached["sessionId"].as_str().unwrap().to_owned(),
        };
        for domain in ["Page.enable", "Runtime.enable", "Log.enable"] {
            phone.call(browser, domain, json!({})).await;
        }
        let screen = json!({ "width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true });
        phone
            .call(browser, "Emulation.setDeviceMetricsOverride", screen)
            .await;
        phone.go(browser, url).await;
        phone
    }

    /// Asks for what may be asked again while the browser cannot answer.
    pub(super) async fn call(
        &self,
        browser: &mut Browser,
        method: &str,
        parameters: Value,
    ) -> Value {
        let begun = std::time::Instant::now();
        loop {
            let asking = browser.ask(Some(&self.session), method, parameters.clone());
            match asking.await {
                Ok(answer) => return answer,
                Err(error) if error["code"] == NOT_NOW && begun.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) => panic!("{method}: {error}"),
            }
        }
    }

    pub(super) async fn event(&self, browser: &mut Browser, method: &str) -> Value {
        browser.event(&self.session, method).await
    }

    pub(super) async fn go(&self, browser: &mut Browser, url: &str) {
        let went = self
            .call(browser, "Page.navigate", json!({ "url": url }))
            .await;
        assert!(went.get("errorText").is_none(), "{url}: {went}");
        self.event(browser, "Page.loadEventFired").await;
    }

    /// What a script of the test's finds in the page.
    pub(super) async fn find(&self, browser: &mut Browser, script: &str) -> Value {
        let asked = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let mut found = self.call(browser, "Runtime.evaluate", asked).await;
        assert!(found.get("exceptionDetails").is_none(), "{script}: {found}");
        found["result"]["value"].take()
    }

    /// Waits until a script finds something that is true, and returns it.
    pub(super) async fn until(&self, browser: &mut Browser, script: &str) -> Value {
        let begun = std::time::Instant::now();
        let script = format!("(() => {{ try {{ return {script} }} catch {{ return null }} }})()");
        loop {
            match self.find(browser, &script).await {
                Value::Null | Value::Bool(false) => {}
                found => return found,
            }
            if begun.elapsed() > PATIENCE {
                let text = self.find(browser, "document.body.innerText").await;
                panic!("never: {script}\nThe page says: {text}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the page says something.
    pub(super) async fn reads(&self, browser: &mut Browser, text: &str) {
        let text = json!(text);
        self.until(
            browser,
            &format!("document.body.innerText.includes({text})"),
        )
        .await;
    }

    /// Taps on what a script finds, once it is there and nothing lies above it.
    pub(super) async fn tap(&self, browser: &mut Browser, script: &str) {
        let at = format!(
            "(() => {{ const e = {script}; if (!e || e.disabled) return null;
              e.scrollIntoView({{ block: 'center', behavior: 'instant' }});
              const box = e.getBoundingClientRect();
              const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
              const top = document.elementFromPoint(x, y);
              return top && (e === top || e.contains(top)) ? {{ x, y }} : null; }})()"
        );
        let at = self.until(browser, &at).await;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": at["x"], "y": at["y"], "button": "left", "clickCount": 1 });
            self.touch(browser, "Input.dispatchMouseEvent", event).await;
        }
    }

    /// What a hand does, once. A touch that leaves the page leaves nobody to answer.
    async fn touch(&self, browser: &mut Browser, method: &str, event: Value) {
        let asking = browser.ask(Some(&self.session), method, event);
        if let Err(error) = asking.await {
            assert_eq!(error["code"], NOT_NOW, "{method}: {error}");
        }
    }

    /// Taps on the button with this name.
    pub(super) async fn press(&self, browser: &mut Browser, name: &str) {
        let name = json!(name);
        let script = format!(
            "[...document.querySelectorAll('button')].find((b) => b.checkVisibility() \
             && [b.innerText.trim(), b.getAttribute('aria-label')].includes({name}))"
        );
        self.tap(browser, &script).await;
    }

    /// Presses a key.
    pub(super) async fn key(&self, browser: &mut Browser, key: &str, code: u32) {
        let text = match key {
            "Enter" => "\r",
            " " => " ",
            _ => "",
        };
        for kind in ["keyDown", "keyUp"] {
            let event =
                json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code, "text": text });
            self.touch(browser, "Input.dispatchKeyEvent", event).await;
        }
    }

    /// What staff see in the queue, asked by the same browser.
    pub(super) async fn events(&self, browser: &mut Browser, token: &str) -> Value {
        let script = format!(
            "fetch('/api/v4/events?hash=none', {{ headers: {{ token: '{token}' }} }}).then((a) => a.text())"
        );
        // As text: a browser does not keep the point of 12.0.
        let answer = self.find(browser, &script).await;
        let mut answer: Value = serde_json::from_str(answer.as_str().unwrap()).unwrap();
        assert_eq!(answer["result"], true, "{answer}");
        answer["data"]["updates"].take()
    }

    /// Every button and box has a name for those who hear the page, once it is there as a whole.
    pub(super) async fn is_named(&self, browser: &mut Browser) {
        self.until(browser, "document.readyState === 'complete'")
            .await;
        let tree = self
            .call(browser, "Accessibility.getFullAXTree", json!({}))
            .await;
        let nodes = tree["nodes"].as_array().unwrap();
        let roles = ["button", "checkbox", "dialog", "link"];
        let used = nodes.iter().filter(|node| {
            node["ignored"] != true && roles.contains(&node["role"]["value"].as_str().unwrap_or(""))
        });
        let mut count = 0;
        for node in used {
            let name = node["name"]["value"].as_str().unwrap_or_default();
            assert!(!name.trim().is_empty(), "without a name: {node}");
            count += 1;
        }
        assert!(count > 0, "nothing to use on this page");
        // Nothing is wider than the screen.
        let wide = "document.documentElement.scrollWidth > innerWidth";
        assert_eq!(
            self.find(browser, wide).await,
            false,
            "the page is wider than the phone"
        );
    }

    /// A picture of the page, for the eye: `target/browser/NAME.png`.
    pub(super) async fn picture(&self, browser: &mut Browser, name: &str) {
        let taken = self
            .call(browser, "Page.captureScreenshot", json!({}))
            .await;
        let data = taken["data"].as_str().unwrap();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(data)
            .unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .parent()
            .unwrap()
            .join("browser");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }
}
