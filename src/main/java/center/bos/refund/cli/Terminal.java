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

    /** Asks, and takes only a yes for a yes; without a terminal nobody can say it. */
    static boolean confirms(String question) {
        if (!isInteractive()) {
            return false;
        }
        String answer = System.console().readLine("%s [y/N] ", question);
        return answer != null && answer.trim().matches("(?i)y|yes");
    }
}
