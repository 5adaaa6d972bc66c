// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;

/**
 * Debian's Chromium without a screen, which takes half of the CPU of the one with: one for all tests of a JVM, of which one thread at a time may use it. A test is left
 * out on a machine that lacks it.
 */
public final class BrowserProcess {
    private static BrowserProcess running;

    private final Browser browser;

    private BrowserProcess(Path chromium) {
        // both end with the JVM
        Playwright playwright = Playwright.create(new Playwright.CreateOptions()
                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(chromium)
                .setArgs(List.of("--no-sandbox"))); // it runs as root where CI does
    }

    /** The one that runs, started by whoever asks first. */
    public static synchronized BrowserProcess start() {
        Path chromium = DebianTool.find("chromium-headless-shell");
        PlaywrightAssertions.setDefaultAssertionTimeout(120_000); // the machine has other tests to do
        if (running == null) {
            running = new BrowserProcess(chromium);
        }
        return running;
    }

    /** A window of a person who has no other: on that service, with nothing of earlier ones. */
    public BrowserWindow open(String origin) {
        return open(origin, person -> {
        });
    }

    /** A window of a person who logs in by name and password where the browser is asked to. */
    public BrowserWindow open(String origin, String user, String password) {
        return open(origin, person -> person.setHttpCredentials(user, password));
    }

    /** A window of a person with those ways and that screen. */
    public BrowserWindow open(String origin, Consumer<Browser.NewContextOptions> person) {
        Browser.NewContextOptions options = new Browser.NewContextOptions().setViewportSize(1280, 800)
                .setLocale("en-GB").setTimezoneId("Asia/Kolkata");
        person.accept(options);
        return new BrowserWindow(origin, browser.newContext(options));
    }
}
