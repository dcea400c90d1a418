package dev.wheelhouse.runtime.outbound;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;

/** The one HTTP client of outbound calls: made on first use, its connections shared by all of them. */
public final class Http implements Supplier<OkHttpClient> {
    private volatile OkHttpClient client;

    /**
     * A client that follows no redirect (it could carry a credential to another host), sends nothing twice of its own
     * accord and keeps no cookies.
     */
    @Override
    public OkHttpClient get() {
        OkHttpClient seen = client;
        if (seen == null) {
            synchronized (this) {
                seen = client;
                if (seen == null) {
                    seen = new OkHttpClient.Builder()
                            .followRedirects(false)
                            .followSslRedirects(false)
                            .retryOnConnectionFailure(false)
                            // Many runs talk to few hosts.
                            .connectionPool(new ConnectionPool(64, 1, TimeUnit.MINUTES))
                            .build();
                    client = seen;
                }
            }
        }
        return seen;
    }
}
