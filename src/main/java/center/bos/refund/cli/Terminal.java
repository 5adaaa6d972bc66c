// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.Console;

/** The person at the other end, if there is one. */
final class Terminal {
    private Terminal() {
    }

    /** Whether output goes to a terminal. Since Java 22 a console may exist without one, and says so itself. */
    static boolean isInteractive() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /**
     * Whether a person wants customers to be texted once more: asks, unless that was said on the command line.
     *
     * @param customers whom it concerns, for who could not be asked
     * @param yes whether it was said on the command line
     */
    static boolean allows(String question, String customers, boolean yes) {
        System.err.println(yes ? question + " yes" : "");
        if (!yes && !confirms(question)) {
            System.err.println("refund: nothing was sent; " + customers
                    + " would be texted; --yes says yes where nobody can be asked");
            return false;
        }
        return true;
    }

    /** Asks, and takes only a yes for a yes; without a terminal nobody can say it. */
    private static boolean confirms(String question) {
        if (!isInteractive()) {
            return false;
        }
        String answer = System.console().readLine("%s [y/N] ", question);
        return answer != null && answer.trim().matches("(?i)y|yes");
    }
}
