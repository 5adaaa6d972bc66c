// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A window does not close in silence over a page that is in trouble. */
class BrowserWindowTest {
    private static final String WELL = "<!DOCTYPE html><html lang=en><title>x</title><link rel=icon href=data:,>"
            + "<main><h1>Well</h1></main>";

    private static BrowserProcess browser;

    @BeforeAll
    static void start() {
        browser = BrowserProcess.start();
    }

    @Test
    void aPageThatIsWellIsNoTrouble() {
        try (WebSite site = WebSite.of(WELL); BrowserWindow window = browser.open(site.origin())) {
            window.go("/");
            assertThat(window.barriers()).isEmpty();
            assertThat(window.bytes()).isBetween((long) WELL.length(), WELL.length() + 500L);
        }
    }

    @Test
    void errorsAndOtherHostsAreSaid() {
        assertThatThrownBy(() -> show(WELL + "<script>console.error('broken 1')</script>")).hasMessageContaining(
                "broken 1");
        assertThatThrownBy(() -> show(WELL + "<script>throw new Error('broken 2')</script>")).hasMessageContaining(
                "broken 2");
        assertThatThrownBy(() -> show(WELL + "<script>Promise.reject(new Error('broken 3'))</script>"))
                .hasMessageContaining("broken 3");
        assertThatThrownBy(() -> show(WELL + "<img alt=x src=http://127.0.0.1:1/x.png>")).hasMessageContaining(
                "asked another host: http://127.0.0.1:1/x.png");
    }

    @Test
    void barriersAreSaid() {
        try (WebSite site = WebSite.of(WELL + "<img src=data:,><button></button>");
                BrowserWindow window = browser.open(site.origin())) {
            window.go("/");
            assertThat(window.barriers()).anyMatch(rule -> rule.startsWith("image-alt"))
                    .anyMatch(rule -> rule.startsWith("button-name"));
        }
    }

    private static void show(String html) {
        try (WebSite site = WebSite.of(html); BrowserWindow window = browser.open(site.origin())) {
            window.go("/");
        }
    }
}
