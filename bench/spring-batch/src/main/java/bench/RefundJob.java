// SPDX-License-Identifier: Apache-2.0
package bench;

import javax.sql.DataSource;

import org.springframework.batch.core.configuration.annotation.StepScope;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.ItemProcessor;
import org.springframework.batch.infrastructure.item.database.JdbcBatchItemWriter;
import org.springframework.batch.infrastructure.item.database.builder.JdbcBatchItemWriterBuilder;
import org.springframework.batch.infrastructure.item.file.FlatFileItemReader;
import org.springframework.batch.infrastructure.item.file.builder.FlatFileItemReaderBuilder;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.FileSystemResource;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.namedparam.SimplePropertySqlParameterSource;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.web.client.RestClient;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One step of chunks: a chunk's rows are read, posted by so many threads at once, and their outcomes written in one transaction
 * with how far the job is. A job that was killed goes on behind its last whole chunk.
 */
@Configuration
public class RefundJob {

    /** A row of the file, and the body of its request. */
    record Refund(long referenceid, long ackno) {
    }

    /** BOS' answer. */
    record Answer(boolean status, @JsonProperty("response_code") int responseCode, String message) {
    }

    /** A row of the table. */
    record Outcome(long referenceid, long ackno, String outcome, int responseCode, String message) {
    }

    @Bean
    Job refunds(JobRepository jobs, Step send) {
        return new JobBuilder("refunds", jobs).start(send).build();
    }

    @Bean
    Step send(JobRepository jobs, PlatformTransactionManager transactions, FlatFileItemReader<Refund> reader,
            ItemProcessor<Refund, Outcome> post, JdbcBatchItemWriter<Outcome> writer, ThreadPoolTaskExecutor calls,
            @Value("${bench.chunk}") int chunk) {
        return new StepBuilder("send", jobs).<Refund, Outcome> chunk(chunk).transactionManager(transactions).reader(reader)
                .processor(post).writer(writer).taskExecutor(calls)
                .listener(savesItsPlaceAtTheStart(jobs)).build();
    }

    /** Spring Batch 6.0.6 saves the place where a restarted step begins with its first chunk: a kill before would begin the file anew. */
    private static StepExecutionListener savesItsPlaceAtTheStart(JobRepository jobs) {
        return new StepExecutionListener() {
            @Override
            public void beforeStep(StepExecution execution) {
                jobs.updateExecutionContext(execution);
            }
        };
    }

    @Bean
    @StepScope
    FlatFileItemReader<Refund> reader(@Value("#{jobParameters['file']}") String file) {
        return new FlatFileItemReaderBuilder<Refund>().name("rows").resource(new FileSystemResource(file)).linesToSkip(1)
                .delimited().names("referenceid", "ackno").targetType(Refund.class).build();
    }

    @Bean
    ItemProcessor<Refund, Outcome> post(RestClient bos) {
        return refund -> {
            Answer answer = bos.post().contentType(MediaType.APPLICATION_JSON).body(refund).retrieve().body(Answer.class);
            return new Outcome(refund.referenceid(), refund.ackno(), answer.responseCode() == 1 ? "SUCCESS" : "ERROR",
                    answer.responseCode(), answer.message());
        };
    }

    @Bean
    JdbcBatchItemWriter<Outcome> writer(DataSource books) {
        return new JdbcBatchItemWriterBuilder<Outcome>().dataSource(books)
                .sql("INSERT INTO outcome (referenceid, ackno, outcome, response_code, message)"
                        + " VALUES (:referenceid, :ackno, :outcome, :responseCode, :message)")
                .itemSqlParameterSourceProvider(SimplePropertySqlParameterSource::new).build();
    }

    @Bean
    ThreadPoolTaskExecutor calls(@Value("${bench.concurrency}") int concurrency) {
        ThreadPoolTaskExecutor calls = new ThreadPoolTaskExecutor();
        calls.setCorePoolSize(concurrency);
        calls.setMaxPoolSize(concurrency);
        return calls;
    }

    /** A connection for each thread, kept alive. */
    @Bean
    HttpComponentsClientHttpRequestFactoryBuilder connections(@Value("${bench.concurrency}") int concurrency) {
        return ClientHttpRequestFactoryBuilder.httpComponents().withConnectionManagerCustomizer(
                connections -> connections.setMaxConnPerRoute(concurrency).setMaxConnTotal(concurrency));
    }

    @Bean
    RestClient bos(RestClient.Builder client, @Value("${bench.url}") String url, @Value("${bench.token}") String token) {
        return client.baseUrl(url).defaultHeaders(headers -> headers.setBearerAuth(token)).build();
    }

    /** What an operator does after a kill, before the same job is started again: marks the execution that never ended as failed. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    ApplicationRunner recovery(JobRepository jobs, JobOperator operator) {
        return arguments -> jobs.findRunningJobExecutions("refunds").forEach(operator::recover);
    }
}
