// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;

import io.quarkus.elytron.security.common.BcryptUtil;
import picocli.CommandLine.Command;

/** {@code refund hash}: hashes a caller's password for the settings. */
@Command(name = "hash", mixinStandardHelpOptions = true, header = {
        "Asks for a password, or reads it from standard input, and prints its bcrypt hash.", ""}, footer = {"",
                "The hash goes into quarkus.security.users.embedded.users.<name> (docs/security.md).", "", "Example:",
                "  refund hash"})
final class HashCommand implements Callable<Integer> {

    @Override
    public Integer call() throws IOException {
        String password = Terminal.isInteractive()
                ? Optional.ofNullable(System.console().readPassword("Password: ")).map(String::new).orElse("")
                : new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        if (password == null || password.isEmpty()) {
            System.err.println("refund: no password: type it, or give it as a line on standard input");
            return ExitCode.USAGE;
        }
        System.out.println(BcryptUtil.bcryptHash(password));
        return ExitCode.DONE;
    }
}
