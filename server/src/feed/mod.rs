//! Reads `change` in order and hands it to whoever follows.
//! It deliberately knows no domain: a change is a topic, areas and two images.
