"""Answering questions in a browser: saved as one types, told in a second tab, pasted from a spreadsheet; and without scripts."""

import pytest

PAGE = "/courses/homeworks/assignments/questions-cnn"
NUMBER = "[name='answer.output_size']"
PASTE = """
const cell = document.querySelector("[data-grid] input");
const data = new DataTransfer();
data.setData("text/plain", "1\\t2\\r\\n3\\t4\\r\\n");
cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
"""


def type_into(browser, selector: str, text: str) -> None:
    browser.one(selector).clear()
    browser.one(selector).send_keys(text)


def version_on(browser) -> str:
    return browser.one("#saved [name=version]").get_attribute("value")


def test_what_is_typed_is_saved_and_a_second_tab_overwrites_nothing(browser) -> None:
    browser.sign_in("bob")
    browser.open(PAGE)
    first = browser.current_window_handle
    type_into(browser, NUMBER, "17")
    browser.wait_for_text("#saved", "Saved")
    version = int(version_on(browser))
    browser.switch_to.new_window("tab")
    browser.open(PAGE)
    assert browser.one(NUMBER).get_attribute("value") == "17"
    type_into(browser, NUMBER, "18")
    browser.wait_for(lambda browser: int(version_on(browser)) == version + 1)
    browser.close()
    browser.switch_to.window(first)
    type_into(browser, NUMBER, "19")
    browser.wait_for_text("#saved", "another tab or device")
    browser.one("#saved button").click()
    browser.wait_for(lambda browser: browser.current_url.endswith("#answers"))
    assert browser.one(NUMBER).get_attribute("value") == "19"


def test_a_block_from_a_spreadsheet_fills_the_cells_and_is_saved(browser) -> None:
    browser.sign_in("bob")
    browser.open(PAGE)
    before = version_on(browser)
    browser.execute_script(PASTE)
    cells = [f"[name='answer.true_convolution.{y}.{x}']" for y in (0, 1) for x in (0, 1)]
    assert [browser.one(cell).get_attribute("value") for cell in cells] == ["1", "2", "3", "4"]
    browser.wait_for(lambda browser: version_on(browser) != before)


@pytest.mark.parametrize("selector", [NUMBER, "[name='answer.what_conv2d_computes']"])
def test_without_scripts_a_button_saves(browser_without_scripts, selector: str) -> None:
    browser = browser_without_scripts
    browser.sign_in("bob")
    browser.open(PAGE)
    type_into(browser, selector, "23")
    browser.one("#save").click()
    browser.wait_for(lambda browser: browser.current_url.endswith("#answers"))
    assert browser.one(selector).get_attribute("value") == "23"
