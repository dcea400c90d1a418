package dev.wheelhouse.api.v1alpha1;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class TenantAllowsTest {
    @Test
    void imagesAreExactOrBeginSo() {
        var images = List.of("a/python:3", "b/*");
        assertTrue(TenantAllows.image(images, "a/python:3"));
        assertFalse(TenantAllows.image(images, "a/python:3.1"));
        assertTrue(TenantAllows.image(images, "b/c:1"));
        assertFalse(TenantAllows.image(images, "bb/c:1"));
        assertFalse(TenantAllows.image(List.of(), "a/python:3"));
    }

    @Test
    void hostsAreExactOrBelowADomain() {
        var hosts = List.of("a.example", "*.b.example");
        assertTrue(TenantAllows.host(hosts, "a.example"));
        assertFalse(TenantAllows.host(hosts, "x.a.example"));
        assertTrue(TenantAllows.host(hosts, "x.b.example"));
        assertTrue(TenantAllows.host(hosts, "y.x.b.example"));
        assertFalse(TenantAllows.host(hosts, "b.example"));
        assertFalse(TenantAllows.host(hosts, ".b.example"));
        assertFalse(TenantAllows.host(hosts, "xb.example"));
        assertFalse(TenantAllows.host(List.of(), "a.example"));
        assertTrue(TenantAllows.host(null, "a.example"));
    }
}
