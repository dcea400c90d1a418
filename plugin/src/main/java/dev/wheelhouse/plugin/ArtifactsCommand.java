package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "artifacts",
        description = "List the files that a run saved, or fetch one of them. A fetched file is checked against the"
                + " digest in the Run's status.",
        mixinStandardHelpOptions = true)
final class ArtifactsCommand implements Callable<Integer> {
    /** An agent chose the name: it must not choose the folder, nor hide the file. */
    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*");

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private KubectlWheelhouse top;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to write it; - is the standard output. Default: the artifact's name, in this folder.")
    private String output;

    @Option(names = "--force", description = "Overwrite an existing file.")
    private boolean force;

    @Parameters(index = "0", paramLabel = "RUN", description = "Name of the Run.")
    private String run;

    @Parameters(index = "1", paramLabel = "ARTIFACT", arity = "0..1", description = "Name of the artifact to fetch.")
    private String name;

    @Override
    public Integer call() throws IOException {
        try (var client = top.connection().open()) {
            RunReader reader = new RunReader(client, top.connection().namespace(client));
            Run found = reader.run(run);
            List<RunStatus.Artifact> artifacts = Optional.ofNullable(found.getStatus())
                    .map(RunStatus::artifacts)
                    .orElse(List.of());
            PrintWriter out = spec.commandLine().getOut();
            if (name == null) {
                list(out, artifacts);
            } else {
                fetch(out, reader, found, artifacts);
            }
            out.flush();
            return 0;
        }
    }

    private void list(PrintWriter out, List<RunStatus.Artifact> artifacts) {
        if (artifacts.isEmpty()) {
            out.println("Run " + run + " saved no files.");
            return;
        }
        out.printf("%-40s %10s  %s%n", "NAME", "BYTES", "DIGEST");
        artifacts.forEach(
                a -> out.printf("%-40s %10d  %s%n", SafeText.line(a.name()), a.size(), SafeText.line(a.digest())));
    }

    private void fetch(PrintWriter out, RunReader reader, Run found, List<RunStatus.Artifact> artifacts)
            throws IOException {
        RunStatus.Artifact wanted = artifacts.stream()
                .filter(a -> a.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandException("Run '" + run + "' saved no file '" + name
                        + "'; 'kubectl wheelhouse artifacts " + run + "' lists them"));
        byte[] content = StoredArtifact.of(
                        wanted,
                        reader.client()
                                .configMaps()
                                .inNamespace(reader.namespace())
                                .withLabel(
                                        Api.LABEL_JOURNAL, found.getMetadata().getUid())
                                .withLabel(Api.LABEL_ARTIFACT, StoredArtifact.label(wanted))
                                .list()
                                .getItems())
                .content();
        if ("-".equals(output)) {
            System.out.write(content);
            System.out.flush();
            return;
        }
        if (output == null && !SAFE.matcher(name).matches()) {
            throw new CommandException("'" + name + "' is not a name for a file here; say where with --output");
        }
        Path file = Path.of(output == null ? name : output);
        try {
            write(file, content);
        } catch (FileAlreadyExistsException e) {
            throw new CommandException(file + " exists already; --force overwrites it");
        }
        out.println(file + ": " + content.length + " bytes, digest verified");
    }

    private void write(Path file, byte[] content) throws IOException {
        if (force) {
            Files.write(file, content);
        } else {
            Files.write(file, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }
    }
}
