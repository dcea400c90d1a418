package dev.wheelhouse.api.v1alpha1;

/** Names that several parts agree on: API group, labels, annotations, field paths. */
public final class Api {
    public static final String GROUP = "wheelhouse.dev";
    public static final String VERSION = "v1alpha1";
    public static final String CATEGORY = "wheelhouse";

    /** Marks what a pod or object is for: {@code runtime}, {@code sandbox} or {@link SandboxClaim#ROLE}. */
    public static final String LABEL_ROLE = "wheelhouse.dev/role";
    /** On Approvals, and on runtime objects made for one run ({@code isolation: Run}): the UID of that run. */
    public static final String LABEL_RUN_UID = "wheelhouse.dev/run-uid";
    /** On delegated Runs: the UID of the parent Run, so that a parent finds its children with one list. */
    public static final String LABEL_PARENT = "wheelhouse.dev/parent";
    /** On delegated Runs: the name of the Run at the top of the delegation. */
    public static final String LABEL_ROOT = "wheelhouse.dev/root-run";
    /** On journal and blob ConfigMaps: the UID of the run. Only runtimes may write objects that carry it. */
    public static final String LABEL_JOURNAL = "wheelhouse.dev/journal";
    /** On Runs of a Schedule: the UID of the Schedule. */
    public static final String LABEL_SCHEDULE_UID = "wheelhouse.dev/schedule-uid";
    /** On Runs of a Schedule: the time they were started for, RFC 3339; CronJob's annotation of the same meaning. */
    public static final String ANNOTATION_SCHEDULED_TIME = "wheelhouse.dev/scheduled-time";
    /** On Runs of a Schedule: the same in UTC as a label can hold it, {@code 20261124T083000Z}, to select by. */
    public static final String LABEL_SCHEDULED_TIME = "wheelhouse.dev/scheduled-time";
    /** On Runs of a Schedule that were not started by time: {@code manual} or {@code backfill}. */
    public static final String ANNOTATION_INSTANTIATE = "wheelhouse.dev/instantiate";
    /** On Runs of a backfill: which one of the Schedule's backfilled runs it is, from 1; each number is counted once. */
    public static final String ANNOTATION_BACKFILL_NUMBER = "wheelhouse.dev/backfill-number";
    /** On Runs, by people: {@code "true"} keeps a finished Run whatever history limits and ttlSecondsAfterFinished say. */
    public static final String LABEL_KEEP = "wheelhouse.dev/keep";
    /** On a runtime's Lease: set to {@code "true"} once the process refuses new runs (draining). */
    public static final String ANNOTATION_DRAINING = "wheelhouse.dev/draining";

    /** On sandbox pods: {@link SandboxState.Request#key} of who uses it; absent while a warm one is nobody's. */
    public static final String LABEL_SANDBOX_KEY = "wheelhouse.dev/sandbox-key";
    /** On sandbox pods: digest of image, resources and runtimeClass; a run takes a warm pod of the same. */
    public static final String LABEL_SANDBOX_SHAPE = "wheelhouse.dev/sandbox-shape";
    /** On sandbox pods: {@link SandboxState.Request#after}, empty for the first of its key. */
    public static final String ANNOTATION_SANDBOX_AFTER = "wheelhouse.dev/sandbox-after";
    /** On artifact ConfigMaps, besides {@link #LABEL_JOURNAL}: the artifact's sha256 in hex, cut to 63 characters. */
    public static final String LABEL_ARTIFACT = "wheelhouse.dev/artifact";
    /** On artifact ConfigMaps: which part of the content it holds, as {@code index/count} from 0. */
    public static final String ANNOTATION_ARTIFACT_PART = "wheelhouse.dev/artifact-part";
    /** On artifact ConfigMaps: the artifact's name. */
    public static final String ANNOTATION_ARTIFACT_NAME = "wheelhouse.dev/artifact-name";
    /** Key in the binaryData of artifact ConfigMaps. */
    public static final String ARTIFACT_KEY = "data";

    /** Service account of every sandbox pod; nothing is granted to it. */
    public static final String SANDBOX_SERVICE_ACCOUNT = "wheelhouse-sandbox";
    /** Audience of the token by which a sandbox shows the runtime which pod it is. */
    public static final String SANDBOX_AUDIENCE = "wheelhouse-sandbox";
    /** Port of the runtime that sandboxes connect to: commands and egress. The only one they reach. */
    public static final int SANDBOX_PORT = 8082;
    /** Service account of every runtime pod, made per namespace by the operator. */
    public static final String RUNTIME_SERVICE_ACCOUNT = "wheelhouse-runtime";
    /** Name of the shared runtime Deployment of a namespace. */
    public static final String RUNTIME_NAME = "wheelhouse-runtime";

    /** Field selector path: the process that holds a run's baton, see {@link Execution#holder()}. */
    public static final String FIELD_HOLDER = "status.execution.holder";
    /** Field selector path: empty while a run is not finished. */
    public static final String FIELD_COMPLETION_TIME = "status.completionTime";

    /** Field selector path: the conversation that a run belongs to. */
    public static final String FIELD_THREAD = "spec.thread";

    /** Field selector path of Approvals: where a request stands, absent until the operator has seen it. */
    public static final String FIELD_PHASE = "status.phase";

    private Api() {}
}
