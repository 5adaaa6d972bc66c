// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

/** Callers whom a service knows by name and password. */
public enum Login {
    /** May submit and view. */
    ALICE("correct horse", "submit,view"),
    /** May submit and view. */
    BOB("battery staple", "submit,view"),
    /** May view. */
    READER("only-reads", "view"),
    /** May submit. */
    SENDER("only-sends", "submit");

    private final String password;
    private final String roles;

    Login(String password, String roles) {
        this.password = password;
        this.roles = roles;
    }

    private String user() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** A window in which this caller is logged in. */
    public BrowserWindow open(BrowserProcess browser, RestService rest) {
        return browser.open("http://127.0.0.1:" + rest.port(), user(), password);
    }

    /** The value of the header Authorization. */
    public String authorization() {
        return RestService.basic(user(), password);
    }

    /** The header's name and its value, and more headers. */
    public String[] header(String... more) {
        String[] headers = new String[2 + more.length];
        headers[0] = "Authorization";
        headers[1] = authorization();
        System.arraycopy(more, 0, headers, 2, more.length);
        return headers;
    }

    /** Lets this caller in. */
    public RefundProcess.Launch allow(RefundProcess.Launch launch) {
        return launch.jvmArg("-Dquarkus.security.users.embedded.users." + user() + "=" + password)
                .jvmArg("-Dquarkus.security.users.embedded.roles." + user() + "=" + roles);
    }
}
