// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.AriaRole;

/**
 * A window on one service. Closing it fails where a page wrote an error to the console, threw one, or asked another host
 * for anything.
 */
public final class BrowserWindow implements AutoCloseable {
    private static final int MOST_TABS = 100;
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final boolean WANTED = System.getProperty("screenshots") != null;

    private final String origin;
    private final BrowserContext context;
    private final Page page;
    private final Set<String> origins = new HashSet<>();
    private final List<Pattern> expected = new ArrayList<>();
    private final List<String> troubles = new ArrayList<>();
    private long bytes;

    BrowserWindow(String origin, BrowserContext context) {
        this.origin = origin;
        this.context = context;
        origins.add(origin);
        context.setDefaultTimeout(120_000); // the machine has other tests to do
        context.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                troubles.add("console: " + message.text() + " at " + message.location());
            }
        });
        context.onWebError(error -> troubles.add("error: " + error.error()));
        context.onRequest(request -> {
            if (request.url().matches("(?i)(https?|wss?)://.*")
                    && origins.stream().noneMatch(own -> request.url().startsWith(own + "/"))) {
                troubles.add("asked another host: " + request.url());
            }
        });
        page = context.newPage();
        countBytes();
    }

    private void countBytes() {
        CDPSession network = context.newCDPSession(page);
        network.on("Network.loadingFinished", event -> bytes += event.get("encodedDataLength").getAsLong());
        network.send("Network.enable");
    }

    /** Its page. */
    public Page page() {
        return page;
    }

    /** Goes to a path of the service. */
    public Page go(String path) {
        page.navigate(origin + path);
        return page;
    }

    /** Opens one more page of the same person. */
    public Page another(String path) {
        Page another = context.newPage();
        another.navigate(origin + path);
        return another;
    }

    /** Lets pages of that origin be visited, too. */
    public BrowserWindow visits(String other) {
        origins.add(other);
        return this;
    }

    /** Takes errors on the console that contain a match for what they were, such as those of a service that is away. */
    public BrowserWindow expects(String error) {
        expected.add(Pattern.compile(error));
        return this;
    }

    /** The bytes that came over the wire for the page so far, heads and compressed bodies. */
    public long bytes() {
        return bytes;
    }

    /** What keeps people from using the page as it is now: rules of axe, and where they are broken. */
    public List<String> barriers() {
        return new AxeBuilder(page).setLegacyMode(true).analyze().getViolations().stream()
                .map(rule -> rule.getId() + " (" + rule.getHelp() + ") at "
                        + rule.getNodes().stream().map(node -> node.getHtml() + ": " + node.getFailureSummary())
                                .collect(Collectors.joining("; ")))
                .toList();
    }

    /** What a person finds under that role and name. */
    public Locator find(AriaRole role, String name) {
        return page.getByRole(role, new Page.GetByRoleOptions().setName(name));
    }

    /** What a stylesheet would call so. */
    public Locator find(String selector) {
        return page.locator(selector);
    }

    /** Presses a button of exactly that name. */
    public void press(String name) {
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true)).click();
    }

    /** Presses Tab until what has the focus has that name, if it has it not yet; fails where no number of times is enough. */
    public void tabTo(String name) {
        for (int i = 0; i < MOST_TABS; i++) {
            Object focused = page.evaluate("() => { const e = document.activeElement;"
                    + " return (e.labels?.[0]?.textContent ?? e.getAttribute('aria-label') ?? e.textContent).trim() }");
            if (focused.toString().startsWith(name)) {
                return;
            }
            page.keyboard().press("Tab");
        }
        throw new AssertionError("no way with Tab to: " + name);
    }

    /** Waits until the page was told so often how it is. */
    public void awaitPolls(int times) {
        AtomicInteger polls = new AtomicInteger();
        Consumer<Response> count = answer -> polls.incrementAndGet();
        page.onResponse(count);
        page.waitForCondition(() -> polls.get() >= times);
        page.offResponse(count);
    }

    /** With {@code -Dscreenshots} writes what it shows into {@code target/screenshots}. */
    public void screenshot(String name) {
        if (!WANTED) {
            return;
        }
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(SCREENSHOTS.resolve(name + ".png")));
    }

    /** What went wrong so far, but for what was expected. */
    public List<String> troubles() {
        page.title(); // what the browser said before is here now
        return troubles.stream()
                .filter(trouble -> expected.stream().noneMatch(known -> known.matcher(trouble).find())).toList();
    }

    @Override
    public void close() {
        try {
            List<String> found = troubles();
            if (!found.isEmpty()) {
                throw new AssertionError("the page is in trouble: " + String.join("\n", found));
            }
        } finally {
            context.close();
        }
    }
}
