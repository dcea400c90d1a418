package dev.wheelhouse.runtime.egress;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;

/** Passes one answer on to the client: without the credential, and not more of it than allowed. */
final class Relay {
    private static final int BUFFER = 16 * 1024;

    private final ClassicHttpResponse answer;
    private final RequestHead request;
    private final Masking masking;
    private final long most;
    private final boolean mustBeReadable;
    private boolean begun;
    private long bytes;

    /**
     * @param most bytes of the body
     * @param mustBeReadable whether a credential must be recognised in it, if it is there
     */
    Relay(ClassicHttpResponse answer, RequestHead request, Masking masking, long most, boolean mustBeReadable) {
        this.answer = answer;
        this.request = request;
        this.masking = masking;
        this.most = most;
        this.mustBeReadable = mustBeReadable;
    }

    static boolean hasBody(String method, int status) {
        return !method.equals("HEAD") && status >= 200 && status != 204 && status != 304;
    }

    /** Of the answer, or 0 if it was not passed on. */
    int status() {
        return begun ? answer.getCode() : 0;
    }

    long bytes() {
        return bytes;
    }

    /**
     * Passes it on.
     *
     * @param more whether the client could go on after it
     * @return whether it still can
     * @throws Refused if nothing of it may be passed on
     * @throws IOException if it is cut: the client's connection must end without a proper end
     */
    boolean pass(ClientSide client, Watch watch, boolean more) throws IOException, Refused {
        HttpEntity entity = answer.getEntity();
        long length = entity == null ? 0 : entity.getContentLength();
        if (length > most) {
            throw tooLarge();
        }
        if (mustBeReadable) {
            refuseUnreadable();
        }
        boolean chunked = entity != null && length < 0 && request.version() == 1;
        boolean goesOn = more && request.persistent() && (entity == null || length >= 0 || chunked);
        begun = true;
        client.begin(answer.getCode(), headers(entity, length, chunked, goesOn));
        if (entity != null) {
            OutputStream out = chunked ? client.chunked() : client.plain();
            copy(entity.getContent(), out, watch);
            if (chunked) {
                out.close();
            }
            client.plain().flush();
        }
        return goesOn;
    }

    private Refused tooLarge() {
        return new Refused(
                502, "the answer has more than " + most + " bytes (spec.sandbox.egressLimits.responseBytes)");
    }

    private void refuseUnreadable() throws Refused {
        boolean encoded = Arrays.stream(answer.getHeaders("Content-Encoding"))
                .anyMatch(header -> !header.getValue().strip().equalsIgnoreCase("identity"));
        // Parts of what is echoed could be asked for one by one.
        if (encoded || answer.getCode() == 206) {
            throw new Refused(
                    502, "the answer is compressed or partial, so that the rule's credential could hide in it");
        }
    }

    private List<RequestHead.Header> headers(HttpEntity entity, long length, boolean chunked, boolean goesOn) {
        Set<String> listed = HopByHop.listed(Arrays.stream(answer.getHeaders("Connection"))
                .map(Header::getValue)
                .toList());
        List<RequestHead.Header> headers = new ArrayList<>();
        for (Header header : answer.getHeaders()) {
            if (HopByHop.inAnswer(header.getName(), listed) || !isClean(header)) {
                continue;
            }
            String value = header.getValue() == null ? "" : header.getValue();
            headers.add(new RequestHead.Header(masking.mask(header.getName()), masking.mask(value)));
        }
        if (chunked) {
            headers.add(new RequestHead.Header("Transfer-Encoding", "chunked"));
        } else if (entity != null && length >= 0) {
            headers.add(new RequestHead.Header("Content-Length", Long.toString(length)));
        } else if (request.method().equals("HEAD")) {
            Arrays.stream(answer.getHeaders("Content-Length"))
                    .filter(header -> header.getValue().matches("[0-9]{1,18}"))
                    .limit(1)
                    .forEach(header -> headers.add(new RequestHead.Header("Content-Length", header.getValue())));
        }
        if (!goesOn) {
            headers.add(new RequestHead.Header("Connection", "close"));
        }
        return headers;
    }

    /** A line break in it would be read as the end of the header. */
    private static boolean isClean(Header header) {
        String value = header.getValue() == null ? "" : header.getValue();
        return header.getName().matches("[-!#$%&'*+.^_`|~0-9A-Za-z]+")
                && value.chars().allMatch(c -> c == '\t' || c >= 0x20 && c != 0x7f && c <= 0xff);
    }

    private void copy(InputStream body, OutputStream out, Watch watch) throws IOException {
        Masking.Stream masked = masking.stream();
        byte[] buffer = new byte[BUFFER];
        int n;
        while ((n = body.read(buffer)) >= 0) {
            watch.progress();
            if (bytes + n > most) {
                throw new IOException(tooLarge().getMessage());
            }
            bytes += n;
            out.write(masked.next(buffer, n));
            out.flush();
            watch.progress();
        }
        out.write(masked.end());
        out.flush();
    }
}
