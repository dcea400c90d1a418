package dev.wheelhouse.runtime.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/** Objects by path with resource versions, and the history that watches read. */
public final class FakeStore {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** One change: {@code before} is null for a creation, {@code after} for a deletion. */
    record Event(long version, String path, ObjectNode before, ObjectNode after) {
        List<ObjectNode> seenBy(String collection, Selectors selectors) {
            if (!path.startsWith(collection + "/")) {
                return List.of();
            }
            boolean was = before != null && selectors.match(before);
            boolean is = after != null && selectors.match(after);
            if (is) {
                return List.of(event(was ? "MODIFIED" : "ADDED", after));
            }
            return was ? List.of(event("DELETED", withVersion(before, version))) : List.of();
        }

        private static ObjectNode event(String type, ObjectNode object) {
            ObjectNode out = JSON.createObjectNode().put("type", type);
            out.set("object", object);
            return out;
        }
    }

    static ObjectNode bookmark(long version) {
        ObjectNode object = JSON.createObjectNode().put("kind", "Run").put("apiVersion", "wheelhouse.dev/v1alpha1");
        object.putObject("metadata").put("resourceVersion", Long.toString(version));
        return Event.event("BOOKMARK", object);
    }

    record Reply(int code, JsonNode body) {
        static Reply error(int code, String reason, String message) {
            ObjectNode status = JSON.createObjectNode()
                    .put("kind", "Status")
                    .put("apiVersion", "v1")
                    .put("status", "Failure")
                    .put("code", code)
                    .put("reason", reason)
                    .put("message", message);
            return new Reply(code, status);
        }
    }

    private final Map<String, ObjectNode> objects = new TreeMap<>();
    private final List<Event> events = new ArrayList<>();
    private long version;

    /** Creates or replaces an object, as somebody else in the cluster would. */
    public synchronized void put(HasMetadata object) {
        ObjectNode node = read(Serialization.asJson(object));
        String path = path(object.getApiVersion(), object.getPlural(), object.getMetadata());
        ObjectNode before = objects.get(path);
        ObjectNode meta = (ObjectNode) node.get("metadata");
        meta.put("uid", before == null ? uid(meta) : before.at("/metadata/uid").asText());
        commit(path, before, node);
    }

    /** Changes an object in place, as somebody else in the cluster would. */
    public synchronized void edit(String path, Consumer<ObjectNode> change) {
        ObjectNode before = objects.get(path);
        ObjectNode after = before.deepCopy();
        change.accept(after);
        commit(path, before, after);
    }

    public synchronized void delete(String path) {
        commit(path, objects.get(path), null);
    }

    /** The object at a path such as {@code /api/v1/namespaces/ns/configmaps/name}, or null. */
    public synchronized ObjectNode get(String path) {
        ObjectNode found = objects.get(path);
        return found == null ? null : found.deepCopy();
    }

    public synchronized List<String> paths() {
        return List.copyOf(objects.keySet());
    }

    synchronized void wake() {
        notifyAll();
    }

    /** Changes after a version; waits a moment for one. */
    synchronized List<Event> eventsAfter(long since) throws InterruptedException {
        if (version <= since) {
            wait(50);
        }
        return events.stream().filter(e -> e.version() > since).toList();
    }

    synchronized Reply handle(FakeApiServer.Request request, Map<String, String> parameters) {
        String path = request.path();
        return switch (request.method()) {
            case "GET" -> get(path, Selectors.of(parameters));
            case "POST" -> create(path, read(request.body()));
            case "PUT" ->
                path.endsWith("/status")
                        ? updateStatus(path.substring(0, path.length() - "/status".length()), read(request.body()))
                        : update(path, read(request.body()));
            case "PATCH" -> patch(path, read(request.body()));
            case "DELETE" -> remove(path);
            default -> Reply.error(405, "MethodNotAllowed", request.method());
        };
    }

    private Reply get(String path, Selectors selectors) {
        ObjectNode object = objects.get(path);
        if (object != null) {
            return new Reply(200, object);
        }
        String last = path.substring(path.lastIndexOf('/') + 1);
        boolean collection = path.matches(".*/namespaces/[^/]+/[^/]+");
        if (!collection) {
            return Reply.error(404, "NotFound", last + " not found");
        }
        ObjectNode list = JSON.createObjectNode().put("kind", "List").put("apiVersion", "v1");
        list.putObject("metadata").put("resourceVersion", Long.toString(version));
        var items = list.putArray("items");
        objects.entrySet().stream()
                .filter(e -> e.getKey().startsWith(path + "/") && selectors.match(e.getValue()))
                .forEach(e -> items.add(e.getValue()));
        return new Reply(200, list);
    }

    private Reply create(String collection, ObjectNode object) {
        String path = collection + "/" + object.at("/metadata/name").asText();
        if (objects.containsKey(path)) {
            return Reply.error(409, "AlreadyExists", path + " already exists");
        }
        ObjectNode meta = (ObjectNode) object.get("metadata");
        meta.put("uid", uid(meta));
        return new Reply(201, commit(path, null, object));
    }

    private Reply update(String path, ObjectNode object) {
        ObjectNode before = objects.get(path);
        if (before == null) {
            return Reply.error(404, "NotFound", path + " not found");
        }
        if (stale(before, object)) {
            return Reply.error(409, "Conflict", path + " was modified");
        }
        if (before.path("immutable").asBoolean() && !before.get("data").equals(object.get("data"))) {
            return Reply.error(422, "Invalid", "field is immutable when `immutable` is set");
        }
        if (before.has("status") && path.contains("wheelhouse.dev")) {
            object.set("status", before.get("status"));
        }
        return new Reply(200, commit(path, before, object));
    }

    private Reply updateStatus(String path, ObjectNode object) {
        ObjectNode before = objects.get(path);
        if (before == null) {
            return Reply.error(404, "NotFound", path + " not found");
        }
        if (stale(before, object)) {
            return Reply.error(409, "Conflict", path + " was modified");
        }
        ObjectNode after = before.deepCopy();
        after.set("status", object.get("status"));
        return new Reply(200, commit(path, before, after));
    }

    private Reply patch(String path, ObjectNode patch) {
        ObjectNode before = objects.get(path);
        if (before == null) {
            return Reply.error(404, "NotFound", path + " not found");
        }
        ObjectNode after = before.deepCopy();
        merge(after, patch);
        return new Reply(200, commit(path, before, after));
    }

    private Reply remove(String path) {
        ObjectNode before = objects.get(path);
        if (before == null) {
            return Reply.error(404, "NotFound", path + " not found");
        }
        commit(path, before, null);
        return new Reply(200, before);
    }

    private ObjectNode commit(String path, ObjectNode before, ObjectNode after) {
        version++;
        ObjectNode stored = after == null ? null : withVersion(after, version);
        if (stored == null) {
            objects.remove(path);
        } else {
            objects.put(path, stored);
        }
        events.add(new Event(version, path, before, stored));
        notifyAll();
        return stored;
    }

    private static ObjectNode withVersion(ObjectNode object, long version) {
        ObjectNode copy = object.deepCopy();
        ((ObjectNode) copy.get("metadata")).put("resourceVersion", Long.toString(version));
        return copy;
    }

    private static boolean stale(ObjectNode before, ObjectNode object) {
        String sent = object.at("/metadata/resourceVersion").asText("");
        return !sent.isEmpty()
                && !sent.equals(before.at("/metadata/resourceVersion").asText());
    }

    private static void merge(ObjectNode target, ObjectNode patch) {
        patch.properties().forEach(e -> {
            if (e.getValue() instanceof ObjectNode inner && target.get(e.getKey()) instanceof ObjectNode old) {
                merge(old, inner);
            } else if (e.getValue().isNull()) {
                target.remove(e.getKey());
            } else {
                target.set(e.getKey(), e.getValue());
            }
        });
    }

    private static String uid(ObjectNode meta) {
        return meta.hasNonNull("uid")
                ? meta.get("uid").asText()
                : UUID.randomUUID().toString();
    }

    private static String path(String apiVersion, String plural, io.fabric8.kubernetes.api.model.ObjectMeta meta) {
        String root = apiVersion.contains("/") ? "/apis/" : "/api/";
        return root + apiVersion + "/namespaces/" + meta.getNamespace() + "/" + plural + "/" + meta.getName();
    }

    private static ObjectNode read(String text) {
        try {
            return (ObjectNode) JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
