use crate::wire::response::*;

#[test]
fn reads_success_error_and_control() {
    let body = br#"{"status":"success","details":{"id":"a_1"},"control":{"terminate":true,"reason":"r"}}"#;
    let expected = ResponseBody {
        id: Some("a_1".into()),
        terminate: Some(Terminated { reason: Some("r".into()) }),
        ..ResponseBody::default()
    };
    assert_eq!(read(body), Some((true, expected)));
    let body = br#"{"status":"error","code":"invalid_action","message":"m"}"#;
    let expected = ResponseBody {
        code: Some("invalid_action".into()),
        message: Some("m".into()),
        ..ResponseBody::default()
    };
    assert_eq!(read(body), Some((false, expected)));
}

#[test]
fn body_outside_of_the_protocol_is_not_an_answer() {
    for body in
        ["", "<html>", "[]", "7", "{}", r#"{"status":1}"#, r#"{"status":"fine"}"#, r#"{"status":"success"}"#]
    {
        assert_eq!(read(body.as_bytes()), None, "{body}");
    }
}

#[test]
fn member_of_another_type_is_no_obstacle() {
    for member in ["7", "-7", "0.5", "true", "null", "[1,[2]]", r#""text""#, r#"{"id":7}"#] {
        let body = format!(r#"{{"status":"success","details":{member},"code":{member}}}"#);
        assert_eq!(read(body.as_bytes()).unwrap().1.id, None, "{body}");
    }
}

#[test]
fn malformed_control_is_ignored() {
    for control in ["7", "[]", r#"{"terminate":"yes"}"#, "null"] {
        let body = format!(r#"{{"status":"success","details":{{}},"control":{control}}}"#);
        assert_eq!(read(body.as_bytes()).unwrap().1.terminate, None, "{control}");
    }
}

#[test]
fn terminated_instance_is_terminated() {
    let body = br#"{"status":"success","details":{"status":"terminated","termination_reason":"breach"}}"#;
    let terminated = Terminated { reason: Some("breach".into()) };
    assert_eq!(read(body).unwrap().1.terminate, Some(terminated));
}

#[test]
fn id_that_would_climb_out_of_a_path_is_not_taken_over() {
    let body = br#"{"status":"success","details":{"id":"../../admin"}}"#;
    assert_eq!(read(body).unwrap().1.id, None);
}

#[test]
fn outputs_are_told_apart_and_a_repeated_one_is_unclear() {
    let body = br#"{"status":"success","outputs":{
        "a":{"status":"success","details":{"id":"1"}}, "b":{"status":"error","code":"c","errors":{"id":["no"]}},
        "c":{"status":"success","details":{}}, "c":{"status":"success","details":{}}, "d":7, "e":{"status":"success"}}}"#;
    let outputs = read(body).unwrap().1.outputs.unwrap();
    let success = Output::Success(Box::new(ResponseBody { id: Some("1".into()), ..ResponseBody::default() }));
    let error = ResponseBody { code: Some("c".into()), fields: vec!["id".into()], ..ResponseBody::default() };
    let expected = [
        success,
        Output::Error(Box::new(error)),
        Output::Unclear,
        Output::Unclear,
        Output::Unclear,
        Output::Unclear,
    ];
    assert_eq!(outputs.of(&["a", "b", "c", "d", "e", "f"]), expected);
}

#[test]
fn outputs_are_found_in_any_order_and_number() {
    let output = |key: &str| format!(r#""{key}":{{"status":"success","details":{{"id":"1"}}}}"#);
    let keys = ["a", "b", "c"];
    for (via, found) in [
        (&["a", "b", "c"] as &[&str], [true, true, true]),
        (&["a", "b"], [true, true, false]),
        (&["b", "c"], [false, true, true]),
        (&["c", "a", "b"], [true, true, true]),
        (&["a", "b", "c", "d"], [true, true, true]),
        (&["a", "b", "c", "a"], [false, true, true]),
        (&["a", "a"], [false, false, false]),
        (&["d"], [false, false, false]),
        (&["\\u0061", "b"], [true, true, false]),
    ] {
        let via: Vec<_> = via.iter().map(|key| output(key)).collect();
        let body = format!(r#"{{"status":"success","outputs":{{{}}}}}"#, via.join(","));
        let outputs = read(body.as_bytes()).unwrap().1.outputs.unwrap().of(&keys);
        let is_success = outputs.iter().map(|output| matches!(output, Output::Success(_)));
        assert!(is_success.eq(found), "{body}");
    }
}

#[test]
fn outputs_that_are_no_object_are_none() {
    assert_eq!(read(br#"{"status":"success","outputs":[]}"#), None);
}

#[test]
fn refusal_names_its_fields_by_whatever_means() {
    let body = br#"{"status":"error","code":"validation_errors","message":"id is in another partition","errors":{"x":[]}}"#;
    assert_eq!(read(body).unwrap().1.fields, ["x", "id", "partition"]);
}
