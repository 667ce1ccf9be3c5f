"""Headless Chromium, and the box office as its user sees it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest
import zxingcpp
from PIL import Image
from postgrest import HOST, PATIENCE
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

T = TypeVar("T")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--window-size=1280,900",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # the examples talk to this machine alone
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HOST}",
)


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """A browser with an empty profile; the test is skipped where there is none."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no Chromium with its chromedriver is on the PATH")
    with TemporaryDirectory(prefix="tdb-chromium-") as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = program
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
        try:
            yield browser
        finally:
            browser.quit()


class BoxOffice:
    """The page in a browser."""

    def __init__(self, browser: webdriver.Chrome, address: str) -> None:
        self.browser = browser
        browser.get_log("browser")  # what a test before this one left
        browser.get(address)
        self.until(lambda: self.find("#shows > li"))

    def find(self, selector: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        return self.find(selector).text

    def click(self, selector: str) -> None:
        self.find(selector).click()

    def until(self, look: Callable[[], T]) -> T:
        """Wait until something is so. The page redraws itself meanwhile."""
        gone = (NoSuchElementException, StaleElementReferenceException)
        return WebDriverWait(self.browser, PATIENCE, 0.05, gone).until(lambda _: look())

    def sees(self, selector: str, text: str) -> None:
        """Wait until a text is there."""
        try:
            self.until(lambda: text in self.text(selector))
        except Exception:
            raise AssertionError(f"{text!r} is not in {self.text(selector)!r}") from None

    def sign_in(self, email: str) -> None:
        self.find("#email").send_keys(email)
        self.click("#account button")
        self.sees("#signed-in", email)

    def reserve(self, schedule_id: int, quantity: int = 1) -> None:
        self.find(f"#show-{schedule_id} select").send_keys(str(quantity))
        self.click(f"#show-{schedule_id} button")

    def read_again(self) -> None:
        """What the page does every few seconds."""
        self.browser.refresh()
        self.until(lambda: self.find("#shows > li"))

    def go_forward(self, minutes: int) -> None:
        """Let the clock of the browser go fast."""
        self.browser.execute_script(
            "const [minutes] = arguments, now = Date.now; Date.now = () => now() + minutes * 60000", minutes
        )

    def lose_an_answer(self, path: str) -> None:
        """The next request to this path is done, and its answer does not arrive."""
        self.browser.execute_script(
            """
            const [path] = arguments, real = window.fetch;
            window.fetch = async (address, options) => {
              const answer = await real(address, options);
              if (!String(address).includes(path)) return answer;
              window.fetch = real;
              throw new TypeError("Failed to fetch");
            };
            """,
            path,
        )

    def codes(self) -> list[str]:
        """What a scanner reads from the tickets on the screen."""
        pictures = self.browser.find_elements(By.CSS_SELECTOR, ".tickets svg")
        return [self._scan(picture) for picture in pictures]

    def _scan(self, picture: WebElement) -> str:
        self.browser.execute_script("arguments[0].scrollIntoView()", picture)
        [code] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.screenshot_as_png)))
        return code.text

    def dark(self, yes: bool) -> None:
        features = [{"name": "prefers-color-scheme", "value": "dark" if yes else "light"}]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def width(self, pixels: int, height: int = 900, scale: int = 1) -> None:
        size = {"width": pixels, "height": height, "deviceScaleFactor": scale, "mobile": pixels < 600}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def whole(self, picture: str) -> None:
        """A picture of the page, twice as sharp as it is big, with nothing to scroll."""
        self.width(1280, 100)
        self.width(1280, self.browser.execute_script("return document.documentElement.scrollHeight"), scale=2)
        assert self.browser.save_screenshot(picture)

    def barriers(self, axe: Path) -> list[Any]:
        """What axe finds that keeps people out."""
        self.browser.execute_script(axe.read_text())
        return [
            (found["id"], [node["html"] for node in found["nodes"]])
            for found in self.browser.execute_async_script(
                "const [done] = arguments; axe.run().then(({violations}) => done(violations));"
            )
        ]

    def complaints(self) -> list[str]:
        """What the browser's console says, but for answers that are refusals of ours."""
        return [
            entry["message"]
            for entry in self.browser.get_log("browser")
            if "/rpc/reserve_tickets" not in entry["message"]
        ]
