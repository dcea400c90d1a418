package dev.wheelhouse.plugin;

/** Why a command cannot do what was asked, in words for the person who asked. */
final class CommandException extends RuntimeException {
    CommandException(String message) {
        super(message);
    }
}
