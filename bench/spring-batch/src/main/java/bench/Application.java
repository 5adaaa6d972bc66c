// SPDX-License-Identifier: Apache-2.0
package bench;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Runs the job and ends with its exit code. */
@SpringBootApplication
public class Application {

    public static void main(String[] arguments) {
        System.exit(SpringApplication.exit(SpringApplication.run(Application.class, arguments)));
    }
}
