// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.Console;

/** The terminal and the person at it, if there is one. */
final class Terminal {
    private Terminal() {
    }

    /** Whether output goes to a terminal. Since Java 22 a console may exist without one; it tells. */
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
     * Whether customers may be texted once more: asks, unless {@code --yes} was given.
     *
     * @param customers who would be texted, for the message if nobody can be asked
     * @param yes whether {@code --yes} was given
     */
    static boolean allows(String question, String customers, boolean yes) {
        System.err.println(yes ? question + " yes" : "");
        if (!yes && !confirms(question)) {
            System.err.println("refund: nothing was sent; " + customers
                    + " would be texted; in scripts, --yes answers yes");
            return false;
        }
        return true;
    }

    /** Asks; only y or yes confirms. Without a terminal the answer is no. */
    private static boolean confirms(String question) {
        if (!isInteractive()) {
            return false;
        }
        String answer = System.console().readLine("%s [y/N] ", question);
        return answer != null && answer.trim().matches("(?i)y|yes");
    }
}
